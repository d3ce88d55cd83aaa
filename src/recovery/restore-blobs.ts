/** The bytes of a backup, back into storage under fresh keys. */
import { join } from 'node:path'
import { sql } from 'kysely'
import { isReferenced } from '../core/records/blobs.ts'
import type { Database, Db } from '../database/database.ts'
import { databaseTime } from '../database/database-time.ts'
import { inParallel } from '../lib/in-parallel.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import type { BackupDirectory } from './backup-directory.ts'
import { awaited } from './load-tables.ts'
import type { Manifest } from './manifest.ts'
import type { Amount, OnProgress } from './progress.ts'
import { OtherBytes, verifiedFile } from './verified-bytes.ts'

/** Rows that get their key in one transaction. */
const batch = 200

export interface RestoreBlobsOptions {
  readonly database: Database
  readonly blobs: BlobStore
  readonly directory: BackupDirectory
  readonly atOnce: number
  readonly signal: AbortSignal
  readonly onProgress: OnProgress
}

interface AwaitedBlob {
  readonly id: number
  readonly sha256: string
  readonly size: number
}

/** Writes what is still awaited. Returns the blobs whose bytes the backup does not have as they were. */
export async function restoreBlobs(options: RestoreBlobsOptions): Promise<Manifest['damaged']> {
  const { database, blobs, directory, signal } = options
  await sweep(database, blobs)
  const damaged: Manifest['damaged'] = []
  const total = await countBlobs(database, '')
  const left = await countBlobs(database, awaited)
  const done = { count: total.count - left.count, bytes: total.bytes - left.bytes }
  const keys = keyWriter(database, blobs)
  await inParallel(awaitedBlobs(database), options.atOnce, async (blob) => {
    signal.throwIfAborted()
    const path = join(directory.path, 'blobs', directory.blobPath(blob.sha256))
    try {
      const { key } = await blobs.write(verifiedFile(path, blob.sha256))
      await keys.add(blob.id, key)
    } catch (error) {
      if (!(error instanceof OtherBytes)) throw error
      damaged.push({ sha256: blob.sha256, what: error.message })
    }
    done.count++
    done.bytes += blob.size
    options.onProgress({ what: 'blobs', done, total })
  })
  await keys.flush()
  return damaged
}

/** Gives up bytes that the backup lacks, until somebody uploads them again: their rows name a key under which nothing lies. */
export async function giveUpAwaited(db: Db): Promise<void> {
  await db
    .updateTable('blobs')
    .set({
      corrupt_at: databaseTime(db),
      storage_key: sql<string>`substr(sha256, 1, 2) || '/' || substr(sha256, 3, 2) || '/' || substr(sha256, 1, 32)`,
    })
    .where('storage_key', 'like', `${awaited}%`)
    .execute()
}

/** What an earlier attempt wrote and did not come to note. */
async function sweep(database: Database, blobs: BlobStore): Promise<void> {
  for await (const key of blobs.leftovers({ olderThanMs: 0 })) {
    if (await isReferenced(database.read, key)) await blobs.keep(key)
    else await blobs.delete(key)
  }
}

async function countBlobs({ read }: Database, prefix: string): Promise<Amount> {
  const row = await read
    .selectFrom('blobs')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.sum<number | null>('size').as('bytes')])
    .where('storage_key', 'like', `${prefix}%`)
    .executeTakeFirstOrThrow()
  return { count: Number(row.count), bytes: Number(row.bytes ?? 0) }
}

async function* awaitedBlobs({ read }: Database): AsyncGenerator<AwaitedBlob> {
  for (let last = 0; ;) {
    const rows = await read
      .selectFrom('blobs')
      .select(['id', 'sha256', 'size'])
      .where('id', '>', last)
      .where('storage_key', 'like', `${awaited}%`)
      .orderBy('id')
      .limit(1000)
      .execute()
    yield* rows
    if (rows.length < 1000) return
    last = rows.at(-1)!.id
  }
}

/** Notes keys in batches: one commit for many blobs. */
function keyWriter(database: Database, blobs: BlobStore) {
  let waiting: { id: number; key: string }[] = []
  async function flush(): Promise<void> {
    const rows = waiting
    waiting = []
    if (rows.length === 0) return
    await database.write((db) => setKeys(db, rows))
    for (const { key } of rows) await blobs.keep(key)
  }
  return {
    flush,
    async add(id: number, key: string) {
      if (waiting.push({ id, key }) >= batch) await flush()
    },
  }
}

async function setKeys(db: Db, rows: readonly { id: number; key: string }[]): Promise<void> {
  const cases = sql.join(
    rows.map(({ id, key }) => sql`when ${sql.lit(id)} then ${key}`),
    sql` `,
  )
  const ids = rows.map(({ id }) => id)
  await db
    .updateTable('blobs')
    .set({ storage_key: sql<string>`case id ${cases} end`, corrupt_at: null })
    .where('id', 'in', ids)
    .execute()
}
