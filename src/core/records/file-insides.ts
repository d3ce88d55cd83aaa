/** What was read inside of stored files, by the numbers of their blobs. */
import type { Db } from '../../database/database.ts'
import { inBatches } from './batches.ts'

/** For which indexes it was read. */
export interface InsidesFor {
  readonly format: string
  readonly rule: string
}
export interface StoredInsides {
  /** Zstandard. */
  readonly text: Uint8Array
  /** Of the text, uncompressed, in bytes. */
  readonly size: number
  /** Why the file could not be read. */
  readonly problem: string | null
}

/** Some kilobytes each, as a rule. */
const atOnce = 100

/** The sizes of the texts of those of these blobs that were read. */
export async function insidesSizes(
  db: Db,
  { format, rule }: InsidesFor,
  blobIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>()
  for (const some of inBatches(blobIds)) {
    const rows = await db
      .selectFrom('file_insides')
      .select(['blob_id', 'size'])
      .where('blob_id', 'in', some)
      .where('format', '=', format)
      .where('rule', '=', rule)
      .execute()
    for (const { blob_id: id, size } of rows) sizes.set(id, size)
  }
  return sizes
}

/** The texts of these blobs, as far as they were and could be read. */
export async function* insidesTexts(
  db: Db,
  { format, rule }: InsidesFor,
  blobIds: readonly number[],
): AsyncGenerator<Uint8Array> {
  for (const some of inBatches(blobIds, atOnce)) {
    const rows = await db
      .selectFrom('file_insides')
      .select('text')
      .where('blob_id', 'in', some)
      .where('format', '=', format)
      .where('rule', '=', rule)
      .where('problem', 'is', null)
      .execute()
    for (const { text } of rows) yield text
  }
}

/** Keeps what was read of a blob; nothing where the blob is gone meanwhile. */
export async function keepInsides(
  db: Db,
  { format, rule }: InsidesFor,
  blobId: number,
  { text, size, problem }: StoredInsides,
): Promise<void> {
  const blob = await db.selectFrom('blobs').select('id').where('id', '=', blobId).executeTakeFirst()
  if (!blob) return
  await db
    .insertInto('file_insides')
    .values({ blob_id: blobId, format, rule, text, size, problem })
    .onConflict((c) => c.columns(['blob_id', 'format', 'rule']).doNothing())
    .execute()
}
