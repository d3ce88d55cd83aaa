import type { Db } from '../../database/database.ts'
import type { BlobRow } from '../../database/schema.ts'
import type { Digest, Digests } from '../../formats/format.ts'

export interface NewBlob {
  readonly key: string
  readonly size: number
  readonly sha256: string
  readonly digests: Digests
}

/**
 * The rows for these bytes, by sha256, locked until the transaction ends. Of two uploads of the same bytes the second
 * adopts the first's row, which gains digests it lacked, and its own stored object is left over (`storage_key` differs
 * from `key`). A corrupt row takes the new object, and the old one goes to be deleted.
 *
 * One statement in the order of the digests: publications that share blobs never wait for each other in a ring.
 */
export async function adoptBlobs(
  db: Db,
  blobs: readonly NewBlob[],
  now: number,
): Promise<ReadonlyMap<string, BlobRow>> {
  const bySha256 = new Map(blobs.map((blob) => [blob.sha256, blob]))
  const inOrder = [...bySha256.values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  const rows = new Map<string, BlobRow>()
  for (let at = 0; at < inOrder.length; at += rowsAtOnce) {
    for (const row of await adopt(db, inOrder.slice(at, at + rowsAtOnce), now)) {
      const healed = row.corrupt_at === null ? row : await heal(db, row, bySha256.get(row.sha256)!.key, now)
      rows.set(row.sha256, healed)
    }
  }
  return rows
}

/** Rows of one statement: engines bound the number of its parameters. */
const rowsAtOnce = 500

function adopt(db: Db, blobs: readonly NewBlob[], now: number): Promise<BlobRow[]> {
  return db
    .insertInto('blobs')
    .values(
      blobs.map(({ key, size, sha256, digests: { md5 = null, sha1 = null, sha512 = null } }) => {
        return { sha256, size, md5, sha1, sha512, storage_key: key, created_at: now }
      }),
    )
    .onConflict((c) =>
      c
        .column('sha256')
        .where('marked_at', 'is', null)
        .doUpdateSet((eb) => ({
          md5: eb.fn.coalesce('blobs.md5', 'excluded.md5'),
          sha1: eb.fn.coalesce('blobs.sha1', 'excluded.sha1'),
          sha512: eb.fn.coalesce('blobs.sha512', 'excluded.sha512'),
        })),
    )
    .returningAll()
    .execute()
}

async function heal(db: Db, row: BlobRow, storageKey: string, now: number): Promise<BlobRow> {
  const healed = await db
    .updateTable('blobs')
    .set({ storage_key: storageKey, corrupt_at: null })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  const { sha256, size, storage_key, created_at } = row
  await db.insertInto('blobs').values({ sha256, size, storage_key, created_at, marked_at: now }).execute()
  return healed
}

/** Locks rows until the transaction ends, so that collection does not mark them; false if it has marked one. */
export async function lockBlobs(db: Db, ids: readonly number[]): Promise<boolean> {
  if (ids.length === 0) return true
  const rows = await db
    .selectFrom('blobs')
    .select('id')
    .where('id', 'in', ids)
    .where('marked_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.length === new Set(ids).size
}

/** Notes a digest that was not known of a blob. */
export async function noteDigest(db: Db, id: number, digest: Digest, found: string): Promise<void> {
  await db
    .updateTable('blobs')
    .set({ [digest]: found })
    .where('id', '=', id)
    .execute()
}

/** Where a blob's bytes lie; undefined: there is no such blob any more. */
export async function storageKeyOf(db: Db, id: number): Promise<string | undefined> {
  const row = await db.selectFrom('blobs').select('storage_key').where('id', '=', id).executeTakeFirst()
  return row?.storage_key
}

/** Whether a committed row names this stored object. */
export async function isReferenced(db: Db, storageKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('blobs')
    .select('id')
    .where('storage_key', '=', storageKey)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Remembers that what is stored under these keys is not what was uploaded, until it is uploaded again. Returns how many
 * of them are blobs that anybody may still need.
 */
export async function markCorrupt(db: Db, storageKeys: readonly string[], now: number): Promise<number> {
  if (storageKeys.length === 0) return 0
  const rows = await db
    .updateTable('blobs')
    .set((eb) => ({ corrupt_at: eb.fn.coalesce('corrupt_at', eb.val(now)) }))
    .where('storage_key', 'in', storageKeys)
    .where('marked_at', 'is', null)
    .returning('id')
    .execute()
  return rows.length
}

/** What was found whole after all. */
export async function clearCorrupt(db: Db, storageKeys: readonly string[]): Promise<void> {
  if (storageKeys.length === 0) return
  await db
    .updateTable('blobs')
    .set({ corrupt_at: null })
    .where('storage_key', 'in', storageKeys)
    .where('corrupt_at', 'is not', null)
    .execute()
}
