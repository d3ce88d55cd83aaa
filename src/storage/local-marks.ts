import { link, open, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDirectory } from '../lib/make-directory.ts'
import { StartRefused } from '../lib/start-refused.ts'
import { errorCode, unlessMissing } from './file-errors.ts'
import { makeKey, makeRun, nameOf } from './keys.ts'
import { syncDirectory } from './local-directories.ts'

const markEnding = '.mark'
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * Puts finished files in their place and remembers which are not kept yet, by a name in `incoming/`: the file's
 * own first name, to which its place is a second link; where the file system has no hard links, an empty file
 * `<name>.mark`.
 */
export interface Marks {
  incomingPath(name: string): string
  /** Moves the finished file from `incoming/` to `path`, marked before it can be seen there. */
  place(name: string, path: string): Promise<void>
  /** Marks what is in its place already, as of now. */
  add(name: string): Promise<void>
  /** Takes away the mark, or what was written so far; fine when there is none. */
  remove(name: string): Promise<void>
  /** The blob's name of an entry of `incoming/`. */
  nameOf(entry: string): string
}

export function openMarks(incoming: string, hardLinks: boolean): Marks {
  const incomingPath = (name: string) => join(incoming, name)
  const markPath = (name: string) => join(incoming, name + markEnding)
  return {
    incomingPath,
    place: async (name, path) => {
      if (hardLinks) return link(incomingPath(name), path)
      await (await open(markPath(name), 'wx', 0o600)).close()
      await rename(incomingPath(name), path)
    },
    add: async (name) => {
      // Truncating makes an older mark of that name as young as a new one.
      await (await open(markPath(name), 'w', 0o600)).close()
    },
    remove: async (name) => {
      const [usual, other] = hardLinks ? [incomingPath, markPath] : [markPath, incomingPath]
      const removed = await unlessMissing(unlink(usual(name)))
      if (!removed || !hardLinks) await unlessMissing(unlink(other(name)))
    },
    nameOf: (entry) => (entry.endsWith(markEnding) ? entry.slice(0, -markEnding.length) : entry),
  }
}

/**
 * Makes the directories of a store and tries them out. Returns whether hard links work (`known`: what the caller
 * says about it). Throws `StartRefused` when the directory cannot be used.
 */
export async function prepareRoot(root: string, known: boolean | undefined): Promise<boolean> {
  try {
    for (const name of ['incoming', 'blobs']) makeDirectory(join(root, name), 0o700)
    const hardLinks = await probe(root)
    await syncDirectory(root)
    // The directory above may belong to someone else; then whoever made this one answers for its name.
    await syncDirectory(dirname(root)).catch(() => {})
    return known ?? hardLinks
  } catch (error) {
    const code = errorCode(error) ?? (error instanceof Error ? error.message : 'unknown error')
    throw new StartRefused(
      `storage: cannot write to ${root} (${code}): make it a directory on one disk that the server's user may ` +
        `write to, or set packages.storage_path to another`,
    )
  }
}

async function probe(root: string): Promise<boolean> {
  const name = nameOf(makeKey(makeRun()))
  const first = join(root, 'incoming', name)
  const second = join(root, 'blobs', name)
  try {
    await (await open(first, 'wx', 0o600)).close()
    await link(first, second)
    return true
  } catch (error) {
    if (!noHardLinks.has(errorCode(error) ?? '')) throw error
    await rename(first, second)
    return false
  } finally {
    // Without permission to the directory these fail too; the first error is the one to tell.
    for (const path of [first, second]) await unlink(path).catch(() => {})
  }
}
