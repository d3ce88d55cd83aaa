/**
 * A directory of backups: `snapshots/<time>/` with a manifest and a file per table, and `blobs/ab/cd/<sha256>` with the
 * bytes, which all snapshots share. A snapshot is called `<time>.partial` until it is whole.
 */
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../lib/make-directory.ts'
import { StartRefused } from '../lib/start-refused.ts'
import { errorCode } from '../storage/file-errors.ts'
import { syncDirectory } from '../storage/local-directories.ts'

const marker = 'entrepot-backup.json'
/** Behind the name of what is not whole yet. */
export const partial = '.partial'
/** One that was not touched for so long belongs to nobody any more. */
export const abandonedMs = 10 * 60_000

export interface BackupDirectory {
  readonly path: string
  /** Where these bytes belong, below `blobs`. */
  blobPath(sha256: string): string
  /** Finished snapshots, oldest first. */
  snapshots(): Promise<string[]>
  snapshotPath(name: string): string
}

/** The directory as it is; it need not exist. */
export function backupDirectory(path: string): BackupDirectory {
  return {
    path,
    blobPath: (sha256) => join(sha256.slice(0, 2), sha256.slice(2, 4), sha256),
    async snapshots() {
      const names = await readdir(join(path, 'snapshots')).catch(() => [])
      return names.filter((name) => /^\d{4}-[\dTZ.-]+$/.test(name)).toSorted()
    },
    snapshotPath: (name) => join(path, 'snapshots', name),
  }
}

/** Makes it a directory of backups. Throws `StartRefused` if it is something else. */
export async function prepareBackupDirectory(path: string): Promise<BackupDirectory> {
  try {
    makeDirectory(path, 0o700)
    const entries = await readdir(path)
    if (entries.length > 0 && !entries.includes(marker)) {
      throw new StartRefused(
        `${path} is not empty and holds no backup of Entrepot; name a directory of its own`,
      )
    }
    await writeFile(join(path, marker), `${JSON.stringify({ layout: 1 })}\n`, { mode: 0o600, flush: true })
    for (const name of ['blobs', 'snapshots']) makeDirectory(join(path, name), 0o700)
    await syncDirectory(path)
  } catch (error) {
    if (error instanceof StartRefused) throw error
    throw new StartRefused(`cannot write to ${path}: ${(error as Error).message}`)
  }
  return backupDirectory(path)
}

/** Throws `StartRefused` unless `path` holds backups of a layout that is known. */
export async function openBackupDirectory(path: string): Promise<BackupDirectory> {
  const text = await readFile(join(path, marker), 'utf8').catch(() => undefined)
  if (text === undefined) {
    throw new StartRefused(`${path} holds no backup of Entrepot: it has no ${marker}`)
  }
  return backupDirectory(path)
}

/** A snapshot that is being made. */
export interface PartialSnapshot {
  readonly name: string
  readonly path: string
  /** Says that somebody still works on it. */
  touch(): Promise<void>
  /** It is whole: gives it its name. */
  finish(): Promise<string>
  discard(): Promise<void>
}

/** Begins one named after the time, and removes those that somebody began and never finished. */
export async function beginSnapshot(directory: BackupDirectory, now: Date): Promise<PartialSnapshot> {
  await removeAbandoned(directory, now.getTime())
  const name = now.toISOString().replaceAll(':', '-')
  const path = directory.snapshotPath(name + partial)
  await mkdir(path, { mode: 0o700 })
  return {
    name,
    path,
    touch: () => utimes(path, new Date(), new Date()),
    async finish() {
      await syncDirectory(path)
      await rename(path, directory.snapshotPath(name))
      await syncDirectory(directory.snapshotPath('.'))
      return directory.snapshotPath(name)
    },
    discard: () => rm(path, { recursive: true, force: true }),
  }
}

/** Removes what somebody began and does not work on any more. */
export async function removeAbandoned(directory: BackupDirectory, now: number): Promise<void> {
  for (const name of await readdir(directory.snapshotPath('.'))) {
    if (!name.endsWith(partial)) continue
    const path = directory.snapshotPath(name)
    const found = await stat(path).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    })
    if (found && found.mtimeMs < now - abandonedMs) await rm(path, { recursive: true, force: true })
  }
}
