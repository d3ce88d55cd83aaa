/** Removes old snapshots from a directory of backups, and the bytes that no other one names. */
import { opendir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../storage/file-errors.ts'
import { syncDirectory } from '../storage/local-directories.ts'
import type { BackupDirectory } from './backup-directory.ts'
import { blobsIn } from './copy-blobs.ts'
import { createDigestFilter, type DigestFilter } from './digest-filter.ts'
import { readManifest } from './manifest.ts'
import type { Amount } from './progress.ts'
import { markRemoval, type RemovalMark } from './removal-mark.ts'
import { verifyTable } from './table-files.ts'

export interface RotationOptions {
  readonly directory: BackupDirectory
  /** The snapshot that was just made: always kept. */
  readonly newest: string
  /** How many stay, the newest one among them; at least 1. */
  readonly keep: number
  readonly signal: AbortSignal
}

export interface Rotation {
  /** Their names. */
  readonly snapshots: readonly string[]
  readonly blobs: Amount
}

/**
 * All but the newest complete snapshots go. What stays is looked through first: unless the newest one is whole on disk,
 * and it is known which bytes all others need, nothing is removed. What an earlier call left half removed goes, too.
 * Undefined, and nothing is removed: somebody makes another backup there.
 * @throws `StartRefused` where a snapshot that stays cannot be read.
 */
export async function removeOldSnapshots(options: RotationOptions): Promise<Rotation | undefined> {
  const mark = await markRemoval(options.directory)
  if (!mark) return undefined
  try {
    return await remove(options, mark)
  } finally {
    await mark.release()
  }
}

async function remove(options: RotationOptions, mark: RemovalMark): Promise<Rotation> {
  const { directory, newest, keep, signal } = options
  const goOn = () => {
    signal.throwIfAborted()
    mark.check()
  }
  const names = (await directory.snapshots()).filter((name) => name !== newest)
  const [complete, rest] = await complement(directory, names)
  const others = keep === 1 ? [] : complete.slice(-(keep - 1))
  const going = complete.filter((name) => !others.includes(name))
  const needed = await neededBy(directory, [...others, newest], newest, goOn)
  for (const name of [...rest, ...going]) {
    goOn()
    await removeSnapshot(directory, name)
  }
  await syncDirectory(directory.snapshotPath('.'))
  return { snapshots: going, blobs: await removeBlobs(join(directory.path, 'blobs'), needed, goOn) }
}

/** Those with a manifest, and those without: what is left of removed ones. */
async function complement(directory: BackupDirectory, names: readonly string[]) {
  const complete: string[] = []
  const rest: string[] = []
  for (const name of names) {
    const isThere = await stat(manifestOf(directory, name)).then(
      () => true,
      (error: unknown) => {
        if (errorCode(error) === 'ENOENT') return false
        throw error
      },
    )
    ;(isThere ? complete : rest).push(name)
  }
  return [complete, rest] as const
}

const manifestOf = (directory: BackupDirectory, name: string) =>
  join(directory.snapshotPath(name), 'manifest.json')

/** What the snapshots name. Of the newest all tables are verified, of the others the one that says this. */
async function neededBy(
  directory: BackupDirectory,
  names: readonly string[],
  newest: string,
  goOn: () => void,
): Promise<DigestFilter> {
  const manifests = await Promise.all(
    names.map(async (name) => ({ name, ...(await readManifest(directory.snapshotPath(name))) })),
  )
  const needed = createDigestFilter(manifests.reduce((sum, { blobs }) => sum + blobs.count, 0))
  for (const { name, tables } of manifests) {
    const folder = directory.snapshotPath(name)
    for (const table of tables) {
      goOn()
      if (name === newest || table.name === 'blobs') await verifyTable(folder, table)
    }
    for await (const { sha256 } of blobsIn(folder)) needed.add(sha256)
    goOn()
  }
  return needed
}

/** Without its manifest it is none: whatever happens next, nobody restores half of it. */
async function removeSnapshot(directory: BackupDirectory, name: string): Promise<void> {
  const folder = directory.snapshotPath(name)
  await rm(manifestOf(directory, name), { force: true })
  await syncDirectory(folder)
  await rm(folder, { recursive: true, force: true })
}

const wholeName = /^[0-9a-f]{64}$/
/** What a backup that was killed left of a copy. */
const partName = /^[0-9a-f]{64}\.[0-9a-f]{8}\.part$/

async function removeBlobs(root: string, needed: DigestFilter, goOn: () => void): Promise<Amount> {
  const removed = { count: 0, bytes: 0 }
  for (const first of await readdir(root)) {
    for (const second of await readdir(join(root, first))) {
      const folder = join(root, first, second)
      for await (const { name } of await opendir(folder)) {
        const isOver = wholeName.test(name) ? !needed.mayHave(name) : partName.test(name)
        if (!isOver) continue
        goOn()
        const path = join(folder, name)
        const { size } = await stat(path)
        await rm(path)
        removed.count++
        removed.bytes += size
      }
    }
  }
  return removed
}
