/** Files that are kept from upstreams. They are no packages: no list, count or quota knows them. */
import type { Db } from '../../database/database.ts'
import type { BlobRow, UpstreamFileRow } from '../../database/schema.ts'
import type { Pin, PinPlace } from './pins.ts'

/** Where the bytes are, and their digests. */
export type KeptBlob = Pick<
  BlobRow,
  'id' | 'sha256' | 'size' | 'md5' | 'sha1' | 'sha512' | 'storage_key' | 'corrupt_at'
>

export interface KeptFile extends Pick<UpstreamFileRow, 'id' | 'upstream_id'> {
  readonly blob: KeptBlob
  /** What the path is pinned to where it was looked up. */
  readonly pin?: Pin
}

const blobColumns = ['sha256', 'size', 'md5', 'sha1', 'sha512', 'storage_key', 'corrupt_at'] as const

/** What these upstreams have under one path, and what it is pinned to in a place. */
export async function findUpstreamFiles(
  db: Db,
  upstreamIds: readonly number[],
  path: string,
  { rootId, format }: PinPlace,
): Promise<KeptFile[]> {
  if (upstreamIds.length === 0) return []
  const rows = await db
    .selectFrom('upstream_files as kept')
    .innerJoin('blobs', 'blobs.id', 'kept.blob_id')
    .leftJoin('upstream_pins as pins', (join) =>
      join
        .onRef('pins.path', '=', 'kept.path')
        .on('pins.root_id', '=', rootId)
        .on('pins.format', '=', format),
    )
    .select(['kept.id', 'kept.upstream_id', 'kept.blob_id', 'pins.id as pin_id', 'pins.digests as pinned'])
    .select(blobColumns.map((column) => `blobs.${column}` as const))
    .where('kept.upstream_id', 'in', upstreamIds)
    .where('kept.path', '=', path)
    .execute()
  return rows.map(({ id, upstream_id, blob_id, pin_id, pinned, ...blob }) => ({
    id,
    upstream_id,
    blob: { id: blob_id, ...blob },
    ...(pin_id === null || pinned === null
      ? {}
      : { pin: { id: pin_id, rootId, path, digests: JSON.parse(pinned) } }),
  }))
}

export interface NewUpstreamFile {
  readonly upstreamId: number
  readonly path: string
  readonly name: string
  readonly version: string | null
  readonly blobId: number
}

/**
 * Keeps files, at most a hundred and each another one, or gives the bytes of those whose own were damaged. Returns their rows
 * in the same order. In one order, so that none waits in a ring.
 */
export async function putUpstreamFiles(
  db: Db,
  files: readonly NewUpstreamFile[],
  now: number,
): Promise<UpstreamFileRow[]> {
  const byKey = new Map(files.map((file) => [`${file.upstreamId} ${file.path}`, file]))
  const times = { kept_at: now, last_used_at: now }
  const values = [...byKey.keys()].toSorted().map((key) => {
    const { upstreamId, path, name, version, blobId } = byKey.get(key)!
    return { upstream_id: upstreamId, path, name, version, blob_id: blobId, ...times }
  })
  const rows = await db
    .insertInto('upstream_files')
    .values(values)
    .onConflict((c) =>
      c
        .columns(['upstream_id', 'path'])
        .doUpdateSet((eb) => ({ blob_id: eb.ref('excluded.blob_id'), kept_at: now })),
    )
    .returningAll()
    .execute()
  const kept = new Map(rows.map((row) => [`${row.upstream_id} ${row.path}`, row]))
  return files.map(({ upstreamId, path }) => kept.get(`${upstreamId} ${path}`)!)
}
