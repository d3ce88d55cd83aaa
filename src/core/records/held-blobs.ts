/** Bytes that came before the publication that will name them. */
import type { Db } from '../../database/database.ts'
import type { BlobRow } from '../../database/schema.ts'

/** Who holds what, and where. */
export interface HeldUnder {
  readonly projectId: number
  readonly format: string
  readonly holder: string
  readonly under: string
}

const columnsOf = ({ projectId, format, holder, under }: HeldUnder) => ({
  project_id: projectId,
  format,
  holder,
  under,
})

/** Holds a blob, or holds it on. False: it was held already. */
export async function holdBlob(db: Db, at: HeldUnder, blobId: number, now: number): Promise<boolean> {
  const columns = columnsOf(at)
  const known = await db
    .updateTable('held_blobs')
    .set({ held_at: now })
    .where((eb) => eb.and({ ...columns, blob_id: blobId }))
    .returning('id')
    .execute()
  if (known.length > 0) return false
  await db
    .insertInto('held_blobs')
    .values({ ...columns, blob_id: blobId, held_at: now })
    .execute()
  return true
}

/** The blob with this digest that is held there. */
export async function heldBlob(
  db: Db,
  at: HeldUnder,
  sha256: string,
): Promise<{ readonly id: number; readonly blob: BlobRow } | undefined> {
  const held = await db
    .selectFrom('held_blobs')
    .innerJoin('blobs', 'blobs.id', 'held_blobs.blob_id')
    .selectAll('blobs')
    .select('held_blobs.id as held_id')
    .where((eb) => eb.and(columnsOf(at)))
    .where('blobs.sha256', '=', sha256)
    .where('blobs.marked_at', 'is', null)
    .executeTakeFirst()
  if (!held) return undefined
  const { held_id: id, ...blob } = held
  return { id, blob }
}

/** Lets go what is named by a publication now. Returns how many bytes were held. */
export async function releaseHeld(db: Db, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0
  const sizes = await db
    .deleteFrom('held_blobs')
    .where('id', 'in', ids)
    .returning((eb) =>
      eb.selectFrom('blobs').select('size').whereRef('blobs.id', '=', 'held_blobs.blob_id').as('size'),
    )
    .execute()
  return sizes.reduce((sum, { size }) => sum + Number(size ?? 0), 0)
}

/** What is held since before `before`, some of it. */
export function expiredHolds(db: Db, before: number, limit: number) {
  return db
    .selectFrom('held_blobs')
    .innerJoin('projects', 'projects.id', 'held_blobs.project_id')
    .innerJoin('blobs', 'blobs.id', 'held_blobs.blob_id')
    .select([
      'held_blobs.id',
      'held_blobs.blob_id',
      'held_blobs.project_id',
      'projects.group_id',
      'blobs.size',
    ])
    .where('held_blobs.held_at', '<', before)
    .orderBy('held_blobs.project_id')
    .orderBy('held_blobs.id')
    .limit(limit)
    .execute()
}

/** How many bytes each project holds so. */
export async function heldSizes(db: Db): Promise<{ readonly id: number; readonly bytes: number }[]> {
  const rows = await db
    .selectFrom('held_blobs')
    .innerJoin('blobs', 'blobs.id', 'held_blobs.blob_id')
    .select((eb) => ['held_blobs.project_id as id', eb.fn.sum<number>('blobs.size').as('bytes')])
    .groupBy('held_blobs.project_id')
    .execute()
  return rows.map(({ id, bytes }) => ({ id, bytes: Number(bytes) }))
}
