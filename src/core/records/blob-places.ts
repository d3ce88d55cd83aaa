import type { Db } from '../../database/database.ts'
import type { BlobRow } from '../../database/schema.ts'
import { objectPrefix, type Place } from '../../storage/joined.ts'

/** A blob and where its bytes lie. */
export type PlacedBlob = Pick<BlobRow, 'id' | 'size' | 'sha256' | 'storage_key'>

const inBucket = `${objectPrefix}%`

function outside(db: Db, place: Place) {
  return db
    .selectFrom('blobs')
    .where('marked_at', 'is', null)
    .where('storage_key', place === 'object' ? 'not like' : 'like', inBucket)
}

/** Blobs whose bytes do not lie in `place`, by id. */
export function blobsOutside(db: Db, place: Place, afterId: number, limit: number): Promise<PlacedBlob[]> {
  return outside(db, place)
    .select(['id', 'size', 'sha256', 'storage_key'])
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** How many those are, and how many bytes they have. */
export async function countOutside(db: Db, place: Place): Promise<{ blobs: number; bytes: number }> {
  const row = await outside(db, place)
    .select((eb) => [eb.fn.countAll<number>().as('blobs'), eb.fn.sum<number | null>('size').as('bytes')])
    .executeTakeFirstOrThrow()
  return { blobs: Number(row.blobs), bytes: Number(row.bytes ?? 0) }
}

/** Points rows to copies of their bytes, unless they were marked or pointed elsewhere meanwhile. Returns whose were. */
export async function pointBlobs(
  db: Db,
  copies: readonly { readonly blob: PlacedBlob; readonly key: string }[],
): Promise<ReadonlySet<number>> {
  const [first, ...rest] = copies
  if (!first) return new Set()
  const rows = await db
    .updateTable('blobs')
    .set((eb) => {
      let keys = eb.case().when('storage_key', '=', first.blob.storage_key).then(first.key)
      for (const { blob, key } of rest) keys = keys.when('storage_key', '=', blob.storage_key).then(key)
      return { storage_key: keys.else(eb.ref('storage_key')).end() }
    })
    .where(
      'storage_key',
      'in',
      copies.map(({ blob }) => blob.storage_key),
    )
    .where('marked_at', 'is', null)
    .returning('id')
    .execute()
  return new Set(rows.map((row) => row.id))
}
