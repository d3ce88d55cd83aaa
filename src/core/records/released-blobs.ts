/** From the last file of a blob to the end of its bytes: noted, marked, deleted, forgotten. */
import { sql, type ExpressionBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { BlobRow, Schema } from '../../database/schema.ts'

/** Files that are about to go. */
export type GoingFiles = { readonly files: readonly number[] } | { readonly packages: readonly number[] }

/** Notes the blobs of files before these go, in the same transaction. Only added to, so that nobody waits here. */
export async function noteReleased(db: Db, going: GoingFiles, now: number): Promise<void> {
  const [column, ids] =
    'files' in going ? (['files.id', going.files] as const) : (['files.package_id', going.packages] as const)
  if (ids.length === 0) return
  await db
    .insertInto('released_blobs')
    .columns(['blob_id', 'noted_at'])
    .expression((eb) =>
      eb
        .selectFrom('files')
        .select(['files.blob_id', at(now).as('noted_at')])
        .distinct()
        .where(column, 'in', ids),
    )
    .execute()
}

/** Notes blobs that something other than a file named until now. */
export async function noteReleasedBlobs(db: Db, blobIds: readonly number[], now: number): Promise<void> {
  if (blobIds.length === 0) return
  await db
    .insertInto('released_blobs')
    .values(blobIds.map((id) => ({ blob_id: id, noted_at: now })))
    .execute()
}

/** Whether nothing names the blob: no file of a package, and nothing that is kept apart from packages. */
export function isUnnamed(eb: ExpressionBuilder<Schema, 'blobs'>) {
  const files = eb.selectFrom('files').select('files.id').whereRef('files.blob_id', '=', 'blobs.id')
  return eb.not(eb.or([eb.exists(files), isKeptApart(eb)]))
}

/** Whether the blob is a file or a document of an upstream, or waits for its publication. */
export function isKeptApart(eb: ExpressionBuilder<Schema, 'blobs'>) {
  return eb.or(
    (['upstream_files', 'upstream_documents', 'held_blobs'] as const).map((table) =>
      eb.exists(eb.selectFrom(table).select(`${table}.id`).whereRef(`${table}.blob_id`, '=', 'blobs.id')),
    ),
  )
}

// A bare parameter in a list of columns has no type of its own.
const at = (time: number) => sql<number>`cast(${time} as bigint)`

/**
 * Notes blobs that no file names among those with numbers over `after`: `span` numbers are looked at. Returns where to
 * go on; undefined: that was all.
 */
export async function noteUnreferenced(
  db: Db,
  after: number,
  span: number,
  now: number,
): Promise<number | undefined> {
  const next = await db
    .selectFrom('blobs')
    .select('id')
    .where('id', '>', after)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  if (!next) return undefined
  const last = next.id + span
  await db
    .insertInto('released_blobs')
    .columns(['blob_id', 'noted_at'])
    .expression((eb) =>
      eb
        .selectFrom('blobs')
        .select(['blobs.id', at(now).as('noted_at')])
        .where('blobs.id', '>', after)
        .where('blobs.id', '<=', last)
        .where('blobs.marked_at', 'is', null)
        .where(isUnnamed)
        .where((w) =>
          w.not(w.exists(w.selectFrom('released_blobs').select('id').whereRef('blob_id', '=', 'blobs.id'))),
        ),
    )
    .execute()
  return last
}

/**
 * Marks blobs that were noted until `before` and that no file names, so that nobody adopts them any more. Returns how
 * many notes were dealt with: none means that there are no more.
 *
 * The rows are locked first and looked at in a statement of its own, which sees every publication that was committed
 * before the lock was got. Those that a publication holds are noted anew.
 */
export async function markReleased(db: Db, before: number, now: number, limit: number): Promise<number> {
  const notes = await db
    .selectFrom('released_blobs')
    .select(['id', 'blob_id'])
    .where('noted_at', '<=', before)
    .orderBy('noted_at')
    .limit(limit)
    .execute()
  if (notes.length === 0) return 0
  const candidates = [...new Set(notes.map((note) => note.blob_id))]
  const unmarked = db
    .selectFrom('blobs')
    .select('id')
    .where('id', 'in', candidates)
    .where('marked_at', 'is', null)
    .orderBy('id')
  const locked = idsOf(await unmarked.forUpdate().skipLocked().execute())
  if (locked.size > 0) await markLocked(db, [...locked], now)
  const held = idsOf(await unmarked.execute())
  const busy = notes.filter((note) => held.has(note.blob_id) && !locked.has(note.blob_id)).map(({ id }) => id)
  if (busy.length > 0)
    await db.updateTable('released_blobs').set({ noted_at: now }).where('id', 'in', busy).execute()
  const done = notes.map(({ id }) => id).filter((id) => !busy.includes(id))
  if (done.length > 0) await db.deleteFrom('released_blobs').where('id', 'in', done).execute()
  return notes.length
}

async function markLocked(db: Db, ids: readonly number[], now: number): Promise<void> {
  await db
    .updateTable('blobs')
    .set({ marked_at: now })
    .where('id', 'in', ids)
    .where((eb) => isUnnamed(eb as never))
    .execute()
}

const idsOf = (rows: readonly { readonly id: number }[]) => new Set(rows.map((row) => row.id))

/** Takes marked blobs to delete, for `claimMs`: after that, or when deleting failed, they are taken again. */
export async function claimMarked(
  db: Db,
  now: number,
  claimMs: number,
  limit: number,
): Promise<Pick<BlobRow, 'id' | 'storage_key'>[]> {
  return db
    .updateTable('blobs')
    .set({ delete_after: now + claimMs })
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('blobs')
        .select('id')
        .where('marked_at', 'is not', null)
        .where((w) => w.or([w('delete_after', 'is', null), w('delete_after', '<=', now)]))
        .orderBy('id')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'storage_key'])
    .execute()
}

/** Forgets blobs whose bytes are deleted. */
export async function deleteMarked(db: Db, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await db.deleteFrom('blobs').where('id', 'in', ids).where('marked_at', 'is not', null).execute()
}
