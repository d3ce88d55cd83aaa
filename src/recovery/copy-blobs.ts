/** The bytes that a snapshot names, out of storage and into the directory of backups. */
import { randomBytes } from 'node:crypto'
import { rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Database } from '../database/database.ts'
import { inParallel } from '../lib/in-parallel.ts'
import { StoredBytesMissing, type BlobStore } from '../storage/blob-store.ts'
import { errorCode } from '../storage/file-errors.ts'
import { openDirectories, syncDirectory } from '../storage/local-directories.ts'
import { writeNewFile } from '../storage/local-write.ts'
import type { BackupDirectory } from './backup-directory.ts'
import type { Manifest } from './manifest.ts'
import { tablePath, readTable } from './table-files.ts'
import { OtherBytes, verifiedBytes, verifiedFile } from './verified-bytes.ts'

/** A blob as the snapshot names it. */
export interface NamedBlob {
  readonly sha256: string
  readonly size: number
  readonly storage_key: string
}

/** The blobs that an exported snapshot names. One that collection had marked is named by nothing. */
export async function* blobsIn(folder: string): AsyncGenerator<NamedBlob> {
  for await (const row of readTable(tablePath(folder, 'blobs'))) {
    if (row['marked_at'] === null) yield row as unknown as NamedBlob
  }
}

export interface CopyOptions {
  readonly database: Database
  readonly blobs: BlobStore
  readonly directory: BackupDirectory
  /** Reads again what is there already instead of trusting its size. */
  readonly rehash: boolean
  readonly atOnce: number
  readonly signal: AbortSignal
  onBlob(blob: NamedBlob, outcome: 'copied' | 'there' | 'damaged'): void
}

/** Copies what is not there yet. Returns those whose bytes are missing or altered in storage. */
export async function copyBlobs(
  named: AsyncIterable<NamedBlob>,
  options: CopyOptions,
): Promise<Manifest['damaged']> {
  const damaged: Manifest['damaged'] = []
  const directories = openDirectories(join(options.directory.path, 'blobs'))
  await inParallel(named, options.atOnce, async (blob) => {
    options.signal.throwIfAborted()
    const place = options.directory.blobPath(blob.sha256)
    const path = join(options.directory.path, 'blobs', place)
    if (await isThere(path, blob, options.rehash)) return options.onBlob(blob, 'there')
    await directories.ensure(dirname(place))
    try {
      await copyCurrent(path, blob, options)
      options.onBlob(blob, 'copied')
    } catch (error) {
      if (!isDamage(error)) throw error
      damaged.push({ sha256: blob.sha256, what: (error as Error).message })
      options.onBlob(blob, 'damaged')
    }
  })
  return damaged
}

/** A file gets its name only when it is whole, so that its size tells enough. */
async function isThere(path: string, { sha256, size }: NamedBlob, rehash: boolean): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  if (found?.size !== size) return false
  if (!rehash) return true
  try {
    for await (const _ of verifiedFile(path, sha256));
    return true
  } catch (error) {
    if (error instanceof OtherBytes) return false
    throw error
  }
}

/** The bytes may have moved since the snapshot: then their row names another key by now. */
async function copyCurrent(path: string, blob: NamedBlob, options: CopyOptions): Promise<void> {
  try {
    await copy(path, blob, options.blobs)
  } catch (error) {
    if (!isDamage(error)) throw error
    const current = await options.database.read
      .selectFrom('blobs')
      .select('storage_key')
      .where('sha256', '=', blob.sha256)
      .where('marked_at', 'is', null)
      .executeTakeFirst()
    if (current === undefined || current.storage_key === blob.storage_key) throw error
    await copy(path, { ...blob, ...current }, options.blobs)
  }
}

async function copy(path: string, { sha256, size, storage_key }: NamedBlob, blobs: BlobStore): Promise<void> {
  const written = `${path}.${randomBytes(4).toString('hex')}.part`
  const body = blobs.open(storage_key, size > 0 ? { start: 0, end: size - 1 } : undefined)
  try {
    await writeNewFile(written, verifiedBytes(body, sha256))
    await rename(written, path)
    await syncDirectory(dirname(path))
  } finally {
    body.destroy()
    await rm(written, { force: true })
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof StoredBytesMissing || error instanceof OtherBytes || errorCode(error) === 'EIO'
}
