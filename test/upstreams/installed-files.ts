import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The sha256 of every file below a folder, by path: those that npm notes for itself are left out. */
export function installedIn(folder: string): ReadonlyMap<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.package-lock.json')
    .map((entry) => join(entry.parentPath, entry.name))
  const digests = found.map((path) => [path.slice(folder.length + 1), sha256(readFileSync(path))] as const)
  return new Map(digests.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
