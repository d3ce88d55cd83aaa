import { mkdir, open, opendir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode } from './file-errors.ts'

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** As `syncDirectory`; those who call while a sync of the same directory is under way share the next one. */
export function sharedSyncs(): (path: string) => Promise<void> {
  const underWay = new Map<string, Promise<void>>()
  const next = new Map<string, Promise<void>>()

  async function begin(path: string): Promise<void> {
    await underWay.get(path)?.catch(() => {})
    next.delete(path)
    const syncing = syncDirectory(path)
    underWay.set(path, syncing)
    try {
      await syncing
    } finally {
      if (underWay.get(path) === syncing) underWay.delete(path)
    }
  }
  return (path) => {
    const syncing = next.get(path) ?? begin(path)
    next.set(path, syncing)
    return syncing
  }
}

/** Whether there are at most empty directories below `path`. */
export async function holdsNoFile(path: string): Promise<boolean> {
  for await (const entry of await opendir(path, { recursive: true })) {
    if (!entry.isDirectory()) return false
  }
  return true
}

/** The directories below one, each made and its own name synced at its first use. */
export interface Directories {
  /** Resolves when `path` (relative, 'ab/cd') exists durably. */
  ensure(path: string): Promise<void>
}

/**
 * A directory that is there already is synced once as well: whoever made it, perhaps before a crash, may not have
 * come that far. Callers that need the same new one wait for the same sync.
 */
export function openDirectories(root: string): Directories {
  const known = new Map<string, Promise<void> | true>([['.', true]])
  async function make(path: string): Promise<void> {
    await ensure(dirname(path))
    await mkdir(join(root, path), { mode: 0o700 }).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error
    })
    await syncDirectory(join(root, dirname(path)))
  }
  async function ensure(path: string): Promise<void> {
    const state = known.get(path)
    if (state) return state === true ? undefined : state
    const made = make(path)
    known.set(path, made)
    try {
      await made
      known.set(path, true)
    } catch (error) {
      known.delete(path)
      throw error
    }
  }
  return { ensure }
}
