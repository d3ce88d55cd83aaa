import { statfs } from 'node:fs/promises'

/** What an ordinary user may still write below a directory. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
