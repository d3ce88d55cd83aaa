/** What upstreams answered about names: the newest answer of each, with the bytes as they came. */
import type { Db } from '../../database/database.ts'
import type { BlobRow, UpstreamDocumentRow } from '../../database/schema.ts'
import { noteReleasedBlobs } from './released-blobs.ts'

export interface KeptDocument extends Omit<UpstreamDocumentRow, 'last_used_at'> {
  readonly blob: Pick<BlobRow, 'id' | 'sha256' | 'size' | 'storage_key' | 'corrupt_at'>
}

const ownColumns = [
  'id',
  'upstream_id',
  'key',
  'blob_id',
  'encoding',
  'etag',
  'last_modified',
  'revision',
  'changed_at',
  'checked_at',
] as const

/** The answers of these upstreams to one question. */
export async function findUpstreamDocuments(
  db: Db,
  upstreamIds: readonly number[],
  key: string,
): Promise<KeptDocument[]> {
  if (upstreamIds.length === 0) return []
  const rows = await db
    .selectFrom('upstream_documents as kept')
    .innerJoin('blobs', 'blobs.id', 'kept.blob_id')
    .select(ownColumns.map((column) => `kept.${column}` as const))
    .select(['blobs.sha256', 'blobs.size', 'blobs.storage_key', 'blobs.corrupt_at'])
    .where('kept.upstream_id', 'in', upstreamIds)
    .where('kept.key', '=', key)
    .execute()
  return rows.map(({ sha256, size, storage_key, corrupt_at, ...row }) => ({
    ...row,
    blob: { id: row.blob_id, sha256, size, storage_key, corrupt_at },
  }))
}

export interface NewUpstreamDocument {
  readonly upstreamId: number
  readonly key: string
  readonly blobId: number
  readonly encoding: 'identity' | 'gzip'
  readonly etag: string | null
  readonly lastModified: string | null
}

/** Keeps an answer where none was, or in the place of `before`; the same bytes again change no revision. */
export async function putUpstreamDocument(
  db: Db,
  { upstreamId, key, blobId, encoding, etag, lastModified }: NewUpstreamDocument,
  before: Pick<UpstreamDocumentRow, 'blob_id'> | undefined,
  now: number,
): Promise<void> {
  const answer = { blob_id: blobId, encoding, etag, last_modified: lastModified, checked_at: now }
  const isOther = before !== undefined && before.blob_id !== blobId
  if (isOther) await noteReleasedBlobs(db, [before.blob_id], now)
  const first = { upstream_id: upstreamId, key, revision: 1, changed_at: now, last_used_at: now }
  await db
    .insertInto('upstream_documents')
    .values({ ...answer, ...first })
    .onConflict((c) =>
      c.columns(['upstream_id', 'key']).doUpdateSet((eb) => ({
        ...answer,
        ...(isOther ? { revision: eb('upstream_documents.revision', '+', 1), changed_at: now } : {}),
      })),
    )
    .execute()
}

/** The upstream says that these are still what it has, or has nothing to say any more: they are fresh again. */
export async function confirmUpstreamDocuments(db: Db, ids: readonly number[], now: number): Promise<void> {
  if (ids.length === 0) return
  await db.updateTable('upstream_documents').set({ checked_at: now }).where('id', 'in', ids).execute()
}
