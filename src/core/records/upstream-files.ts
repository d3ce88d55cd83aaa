/** Files that are kept from upstreams. They are no packages: no list, count or quota knows them. */
import type { Db } from '../../database/database.ts'
import type { BlobRow, UpstreamFileRow } from '../../database/schema.ts'
import { blobsById } from './blobs.ts'

export interface KeptFile extends UpstreamFileRow {
  readonly blob: BlobRow
}

/** What these upstreams have under one path. */
export async function findUpstreamFiles(
  db: Db,
  upstreamIds: readonly number[],
  path: string,
): Promise<KeptFile[]> {
  if (upstreamIds.length === 0) return []
  const rows = await db
    .selectFrom('upstream_files')
    .selectAll()
    .where('upstream_id', 'in', upstreamIds)
    .where('path', '=', path)
    .execute()
  const blobs = await blobsById(
    db,
    rows.map((row) => row.blob_id),
  )
  return rows.flatMap((row) => {
    const blob = blobs.get(row.blob_id)
    return blob ? [{ ...row, blob }] : []
  })
}

export interface NewUpstreamFile {
  readonly upstreamId: number
  readonly path: string
  readonly name: string
  readonly version: string | null
  readonly blobId: number
}

/** Keeps a file, or gives the bytes of one whose own were damaged. */
export function putUpstreamFile(db: Db, file: NewUpstreamFile, now: number): Promise<UpstreamFileRow> {
  const { upstreamId, path, name, version, blobId } = file
  const times = { kept_at: now, last_used_at: now }
  return db
    .insertInto('upstream_files')
    .values({ upstream_id: upstreamId, path, name, version, blob_id: blobId, ...times })
    .onConflict((c) => c.columns(['upstream_id', 'path']).doUpdateSet({ blob_id: blobId, kept_at: now }))
    .returningAll()
    .executeTakeFirstOrThrow()
}
