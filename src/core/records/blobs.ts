import type { Db } from '../../database/database.ts'
import type { BlobRow } from '../../database/schema.ts'
import type { Digests } from '../../formats/format.ts'

export interface NewBlob {
  readonly key: string
  readonly size: number
  readonly sha256: string
  readonly digests: Digests
}

/**
 * The row for these bytes: of two uploads of the same bytes the second adopts the first's row, which gains digests it
 * lacked, and its own stored object is left over (`row.storage_key` differs from `blob.key`).
 */
export async function adoptBlob(db: Db, blob: NewBlob, now: number): Promise<BlobRow> {
  const { md5 = null, sha1 = null, sha512 = null } = blob.digests
  const existing = await db
    .selectFrom('blobs')
    .selectAll()
    .where('sha256', '=', blob.sha256)
    .where('marked_at', 'is', null)
    .executeTakeFirst()
  if (!existing) {
    return db
      .insertInto('blobs')
      .values({
        sha256: blob.sha256,
        size: blob.size,
        md5,
        sha1,
        sha512,
        storage_key: blob.key,
        created_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  }
  const gained = {
    md5: existing.md5 ?? md5,
    sha1: existing.sha1 ?? sha1,
    sha512: existing.sha512 ?? sha512,
  }
  if (gained.md5 === existing.md5 && gained.sha1 === existing.sha1 && gained.sha512 === existing.sha512)
    return existing
  return db
    .updateTable('blobs')
    .set(gained)
    .where('id', '=', existing.id)
    .returningAll()
    .executeTakeFirstOrThrow()
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

/** Marks blobs that no file names and that are older than `before`, so that nobody adopts them any more. */
export async function markUnreferenced(db: Db, before: number, now: number, limit: number): Promise<number> {
  const rows = await db
    .updateTable('blobs')
    .set({ marked_at: now })
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('blobs')
        .leftJoin('files', 'files.blob_id', 'blobs.id')
        .select('blobs.id')
        .where('files.id', 'is', null)
        .where('blobs.marked_at', 'is', null)
        .where('blobs.created_at', '<', before)
        .limit(limit),
    )
    .returning('id')
    .execute()
  return rows.length
}

export function findMarked(db: Db, limit: number): Promise<Pick<BlobRow, 'id' | 'storage_key'>[]> {
  return db
    .selectFrom('blobs')
    .select(['id', 'storage_key'])
    .where('marked_at', 'is not', null)
    .orderBy('id')
    .limit(limit)
    .execute()
}

export async function deleteBlobRow(db: Db, id: number): Promise<void> {
  await db.deleteFrom('blobs').where('id', '=', id).where('marked_at', 'is not', null).execute()
}
