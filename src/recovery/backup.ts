/** A consistent copy of everything but the secret key, made while the servers run. */
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { extendHold, holdCollection, holdMs, releaseHold } from '../core/records/collection-holds.ts'
import { storedKeyId } from '../core/records/instance.ts'
import type { Database } from '../database/database.ts'
import { databaseTime } from '../database/database-time.ts'
import { appliedMigrations } from '../database/migrate.ts'
import { programVersion } from '../lib/version.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import {
  beginSnapshot,
  prepareBackupDirectory,
  type BackupDirectory,
  type PartialSnapshot,
} from './backup-directory.ts'
import { blobsIn, copyBlobs } from './copy-blobs.ts'
import { exportTables } from './export-tables.ts'
import { secretKeyNote, type Manifest } from './manifest.ts'
import type { Amount, OnProgress } from './progress.ts'
import { untilNobodyRemoves } from './removal-mark.ts'
import { removeOldSnapshots, type Rotation } from './rotation.ts'

export interface BackupOptions {
  readonly database: Database
  readonly blobs: BlobStore
  /** Made if it is not there; earlier backups in it spare the copying of what they have. */
  readonly directory: string
  /** How many blobs are copied at once. */
  readonly atOnce: number
  /** Reads what earlier backups copied again. */
  readonly rehash?: boolean
  /** So many snapshots stay, the new one among them; undefined: all. */
  readonly keep?: number | undefined
  readonly signal: AbortSignal
  readonly onProgress?: OnProgress
}

export interface BackupReport {
  readonly path: string
  readonly manifest: Manifest
  /** How many blobs were not there yet, and their bytes. */
  readonly copied: Amount
  /** When the first of them was there, and the last; undefined where there was none. */
  readonly copying: { readonly firstAt: string; readonly lastAt: string } | undefined
  /** What went by `keep`; undefined: nothing was to go, or could, as the new snapshot or another backup stands in the way. */
  readonly removed?: Rotation | undefined
}

/**
 * Holds collection, exports one snapshot of all tables, copies exactly the blobs that it names, and lets go.
 * Afterwards old snapshots are removed, where `keep` says so and the new one lacks nothing.
 * Throws `StartRefused` if the directory is not fit for it; what was copied until then stays for the next time.
 */
export async function backup(options: BackupOptions): Promise<BackupReport> {
  const directory = await prepareBackupDirectory(options.directory)
  const report = await makeSnapshot(directory, options)
  const { keep, signal } = options
  if (keep === undefined || report.manifest.damaged.length > 0) return report
  const newest = basename(report.path)
  return { ...report, removed: await removeOldSnapshots({ directory, newest, keep, signal }) }
}

async function makeSnapshot(directory: BackupDirectory, options: BackupOptions): Promise<BackupReport> {
  const { database } = options
  const hold = await database.write((db) => holdCollection(db, 'entrepot backup'))
  const keeper = keepHold(database, hold)
  try {
    const partial = await beginSnapshot(directory, new Date())
    keeper.onBeat = () => partial.touch()
    const signal = AbortSignal.any([options.signal, keeper.lost])
    try {
      await untilNobodyRemoves(directory, signal)
      return await fill(partial, { ...options, directory, signal })
    } catch (error) {
      await partial.discard()
      throw error
    }
  } finally {
    keeper.stop()
    await database.write((db) => releaseHold(db, hold))
  }
}

interface HoldKeeper {
  /** Aborted when the hold could not be kept. */
  readonly lost: AbortSignal
  onBeat: () => Promise<void>
  stop(): void
}

function keepHold(database: Database, hold: string): HoldKeeper {
  const lost = new AbortController()
  let heldUntil = performance.now() + holdMs
  const keeper = { lost: lost.signal, onBeat: async () => {}, stop: () => clearInterval(timer) }
  const beat = async () => {
    const began = performance.now()
    try {
      if (await database.write((db) => extendHold(db, hold), { beside: [`hold/${hold}`] }))
        heldUntil = began + holdMs
      else heldUntil = 0
      await keeper.onBeat()
    } catch {
      // Tried again at the next beat, as long as the hold lasts.
    }
    if (performance.now() > heldUntil) {
      lost.abort(new Error('collection could not be held any longer: the backup is broken off; run it again'))
    }
  }
  const timer = setInterval(() => void beat(), holdMs / 10)
  return keeper
}

type FillOptions = Omit<BackupOptions, 'directory'> & { readonly directory: BackupDirectory }

async function fill(partial: PartialSnapshot, options: FillOptions): Promise<BackupReport> {
  const { onProgress = () => {}, signal } = options
  const exported = await exportSnapshot(partial.path, options)
  const total = { count: 0, bytes: 0 }
  for await (const { size } of blobsIn(partial.path)) {
    total.count++
    total.bytes += size
  }
  const done = { count: 0, bytes: 0 }
  const copied = { count: 0, bytes: 0 }
  let copying: BackupReport['copying']
  const damaged = await copyBlobs(blobsIn(partial.path), {
    ...options,
    rehash: options.rehash === true,
    onBlob({ size }, outcome) {
      if (outcome === 'copied') {
        const now = new Date().toISOString()
        copying = { firstAt: copying?.firstAt ?? now, lastAt: now }
      }
      for (const sum of outcome === 'copied' ? [done, copied] : [done]) {
        sum.count++
        sum.bytes += size
      }
      onProgress({ what: 'blobs', done, total })
    },
  })
  signal.throwIfAborted()
  const manifest: Manifest = {
    layout: 1,
    entrepot: programVersion(),
    ...exported,
    finishedAt: new Date().toISOString(),
    blobs: total,
    damaged,
  }
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  await writeFile(join(partial.path, 'manifest.json'), text, { mode: 0o600, flush: true })
  return { path: await partial.finish(), manifest, copied, copying }
}

type Exported = Pick<Manifest, 'engine' | 'takenAt' | 'migrations' | 'tables' | 'secretKey'>

/** The snapshot is closed as soon as the rows are out: the database need not keep what changed meanwhile. */
async function exportSnapshot(
  folder: string,
  { database: { maintenance }, onProgress, signal }: FillOptions,
): Promise<Exported> {
  const snapshot = await maintenance.openSnapshot()
  try {
    const { db } = snapshot
    const { now } = await db.selectNoFrom(databaseTime(db).as('now')).executeTakeFirstOrThrow()
    const done = { count: 0, bytes: 0 }
    const tables = await exportTables(db, maintenance, folder, (_name, rows) => {
      signal.throwIfAborted()
      done.count += rows
      onProgress?.({ what: 'rows', done })
    })
    return {
      engine: maintenance.engine,
      takenAt: new Date(now).toISOString(),
      migrations: await appliedMigrations(db),
      tables,
      secretKey: { id: (await storedKeyId(db)) ?? null, note: secretKeyNote },
    }
  } finally {
    await snapshot.close()
  }
}
