/** Which paths the packages of a suite bring: `Contents` (Debian's "Repository Format", "Contents" indices). */
import type { InsidesRule } from '../format.ts'
import { isBinary, type DebianModels } from './models.ts'

/** `main/Contents-amd64`, `main/Contents-udeb-amd64`. */
export const contents: InsidesRule<DebianModels> = {
  isWanted: (settings) => settings?.contents ?? false,
  files: ({ files }) =>
    files.flatMap((file) => {
      const { kind, distribution: key, component, architecture = 'all' } = file.metadata
      if (!isBinary(kind)) return []
      const list = `${component}/Contents-${kind === 'udeb' ? 'udeb-' : ''}${architecture}`
      return [{ key, list, file }]
    }),
  // What unpacks packages is loaded by the first one.
  read: async (body) => (await import('./read-contents.ts')).readContents(body),
  line: (path, packages) => `${path.padEnd(pathWidth)} ${packages.join(',')}\n`,
}

/** Paths are as wide as this, for people to read, in Debian's own indices. */
const pathWidth = 55
