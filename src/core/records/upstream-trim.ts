/** What is kept of upstreams and has to go. */
import type { Db } from '../../database/database.ts'
import type { UpstreamRow } from '../../database/schema.ts'
import { noteReleasedBlobs } from './released-blobs.ts'

type KeptTable = 'upstream_files' | 'upstream_documents'
const keptTables: readonly KeptTable[] = ['upstream_files', 'upstream_documents']

/** Rows of one transaction. */
const rowsAtOnce = 500

/** Upstreams of one page. */
const upstreamsAtOnce = 100

/**
 * Upstreams of which something may have to go, those that are no more and those with a limit: some of them, by their
 * numbers, behind the one of number `after`.
 */
export function upstreamsToTrim(db: Db, after: number): Promise<UpstreamRow[]> {
  return db
    .selectFrom('upstreams')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('deleted_at', 'is not', null),
        eb('keep_days_unused', 'is not', null),
        eb('max_bytes', 'is not', null),
      ]),
    )
    .where('id', '>', after)
    .orderBy('id')
    .limit(upstreamsAtOnce)
    .execute()
}

/** How many bytes of files are kept of an upstream. */
export async function keptBytes(db: Db, upstreamId: number): Promise<number> {
  const row = await db
    .selectFrom('upstream_files')
    .innerJoin('blobs', 'blobs.id', 'upstream_files.blob_id')
    .select((eb) => eb.fn.sum<number | null>('blobs.size').as('bytes'))
    .where('upstream_files.upstream_id', '=', upstreamId)
    .executeTakeFirstOrThrow()
  return Number(row.bytes ?? 0)
}

/** Forgets some of what nobody used since `before`; undefined: used or not. True: there may be more. */
export async function forgetUnused(
  db: Db,
  upstreamId: number,
  before: number | undefined,
  now: number,
): Promise<boolean> {
  let isMore = false
  for (const table of keptTables) {
    let query = db.selectFrom(table).select(['id', 'blob_id']).where('upstream_id', '=', upstreamId)
    if (before !== undefined) query = query.where('last_used_at', '<', before)
    const rows = await query.orderBy('last_used_at').limit(rowsAtOnce).execute()
    await forget(db, table, rows, now)
    isMore ||= rows.length === rowsAtOnce
  }
  return isMore
}

/** Forgets files that were used longest ago, of at least so many bytes if there are as many. Returns how many bytes. */
export async function forgetLeastUsed(
  db: Db,
  upstreamId: number,
  bytes: number,
  now: number,
): Promise<number> {
  const rows = await db
    .selectFrom('upstream_files')
    .innerJoin('blobs', 'blobs.id', 'upstream_files.blob_id')
    .select(['upstream_files.id', 'upstream_files.blob_id', 'blobs.size'])
    .where('upstream_files.upstream_id', '=', upstreamId)
    .orderBy('upstream_files.last_used_at')
    .orderBy('upstream_files.id')
    .limit(rowsAtOnce)
    .execute()
  let freed = 0
  const going = rows.filter((row) => {
    const goes = freed < bytes
    if (goes) freed += row.size
    return goes
  })
  await forget(db, 'upstream_files', going, now)
  return freed
}

/** Drops an upstream of which nothing is kept any more. */
export async function dropUpstream(db: Db, id: number): Promise<void> {
  await db.deleteFrom('upstreams').where('id', '=', id).where('deleted_at', 'is not', null).execute()
}

async function forget(
  db: Db,
  table: KeptTable,
  rows: readonly { readonly id: number; readonly blob_id: number }[],
  now: number,
): Promise<void> {
  if (rows.length === 0) return
  await noteReleasedBlobs(
    db,
    rows.map((row) => row.blob_id),
    now,
  )
  const ids = rows.map((row) => row.id)
  await db.deleteFrom(table).where('id', 'in', ids).execute()
}
