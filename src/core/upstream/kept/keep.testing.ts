/** For tests: files kept from upstreams, as rows. Their bytes are nowhere. */
import { hash } from 'node:crypto'
import type { Database } from '../../../database/database.ts'
import { inBatches } from '../../records/batches.ts'

export interface FileToKeep {
  readonly upstreamId: number
  readonly name: string
  readonly version?: string
  /** Left out: made of name and version. */
  readonly path?: string
  /** In bytes. */
  readonly size?: number
  readonly usedAt?: number
}

/** Keeps them; each has bytes of its own. */
export async function keepFiles(database: Database, files: readonly FileToKeep[]): Promise<void> {
  const whole = files.map(({ upstreamId, name, version = '1.0.0', path, size = 100, usedAt = 1 }) => ({
    upstreamId,
    name,
    version,
    path: path ?? `${name}/${version}/file`,
    size,
    usedAt,
  }))
  await database.write(async (db) => {
    for (const some of inBatches(whole)) {
      const digestOf = ({ upstreamId, path }: (typeof whole)[0]) => hash('sha256', `${upstreamId} ${path}`)
      const blobs = await db
        .insertInto('blobs')
        .values(
          some.map((file) => ({
            sha256: digestOf(file),
            size: file.size,
            storage_key: `kept/${digestOf(file)}`,
            created_at: 1,
          })),
        )
        .returning(['id', 'sha256'])
        .execute()
      const ids = new Map(blobs.map(({ id, sha256 }) => [sha256, id]))
      const rows = some.map((file) => ({
        upstream_id: file.upstreamId,
        path: file.path,
        name: file.name,
        version: file.version,
        blob_id: ids.get(digestOf(file))!,
        kept_at: 1,
        last_used_at: file.usedAt,
      }))
      await db.insertInto('upstream_files').values(rows).execute()
    }
  })
}
