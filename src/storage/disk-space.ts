import { statfs } from 'node:fs/promises'

/** In bytes. */
export interface DiskSpace {
  /** What users other than root may still take. */
  readonly free: number
  readonly total: number
}

/** How full the disk is on which a directory lies. */
export async function readDiskSpace(directory: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(directory)
  return { free: bavail * bsize, total: blocks * bsize }
}
