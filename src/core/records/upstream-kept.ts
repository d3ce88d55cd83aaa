/**
 * What is kept from upstreams, by name. Files have a name, the documents of upstreams have none: of a name that nobody
 * fetched a file of nothing is told here.
 */
import { sql, type SqlBool } from 'kysely'
import type { Db } from '../../database/database.ts'
import { engineOf } from '../../database/engine.ts'
import { contains } from './name-parts.ts'
import { containing } from './pages.ts'

/** A name of which files of one upstream are kept. */
export interface KeptKey {
  readonly upstreamId: number
  /** As upstreams spell it. */
  readonly name: string
}
export interface KeptAmount {
  /** `mostFilesCounted` + 1 where there are more. */
  readonly files: number
  /** Bytes of those that were counted: the ones used last. */
  readonly size: number
  readonly lastUsedAt: number
}

/** The files of one name are counted up to this number. */
export const mostFilesCounted = 250

/**
 * The names kept of these upstreams, at most some hundreds, that contain the text: upstream by upstream, in the order
 * of the alphabet, as the index has them, so that the first ones are found without a look at the others.
 */
export function keptNameRows(db: Db, upstreamIds: readonly number[], search = '') {
  const names = db
    .selectFrom('upstream_files as kept')
    .select(['kept.upstream_id', 'kept.name'])
    .where('kept.upstream_id', 'in', [-1, ...upstreamIds])
    .groupBy(['kept.upstream_id', 'kept.name'])
    .orderBy('kept.upstream_id')
    .orderBy('kept.name')
  if (search === '') return names
  const found = names.where((eb) => contains(db, eb.ref('kept.name'), search))
  // In the words of the index of parts.
  return engineOf(db) === 'postgres'
    ? found.where(sql<SqlBool>`lower(kept.name) like ${containing(search)} escape '\\'`)
    : found
}

/** How much is kept of each of these few names, in their order; undefined: nothing any more. */
export async function keptAmounts(
  db: Db,
  keys: readonly KeptKey[],
): Promise<readonly (KeptAmount | undefined)[]> {
  if (keys.length === 0) return []
  const asked = sql.join(
    keys.map(
      ({ upstreamId, name }, at) =>
        sql`select ${sql.lit(at)} as place, cast(${upstreamId} as bigint) as upstream_id, cast(${name} as text) as name`,
    ),
    sql` union all `,
  )
  const some = sql`select kept.blob_id from upstream_files as kept
    where kept.upstream_id = asked.upstream_id and kept.name = asked.name
    order by kept.last_used_at desc limit ${mostFilesCounted + 1}`
  const { rows } = await sql<{ place: number; files: number; size: number; used: number | null }>`
    select asked.place,
      (select count(*) from (${some}) as counted) as files,
      (select coalesce(sum(blobs.size), 0) from (${some}) as summed
        inner join blobs on blobs.id = summed.blob_id) as size,
      (select max(kept.last_used_at) from upstream_files as kept
        where kept.upstream_id = asked.upstream_id and kept.name = asked.name) as used
    from (${asked}) as asked`.execute(db)
  const found = new Map(rows.map((row) => [Number(row.place), row]))
  return keys.map((_, at) => {
    const { files, size, used } = found.get(at)!
    if (used === null) return undefined
    return { files: Number(files), size: Number(size), lastUsedAt: Number(used) }
  })
}

/** The kept files of a name, the one used last first. */
export const keptFileRows = (db: Db, { upstreamId, name }: KeptKey) =>
  db
    .selectFrom('upstream_files as kept')
    .innerJoin('blobs', 'blobs.id', 'kept.blob_id')
    .select(['kept.path', 'kept.version', 'kept.kept_at', 'kept.last_used_at', 'blobs.size'])
    .where('kept.upstream_id', '=', upstreamId)
    .where('kept.name', '=', name)
    .orderBy('kept.last_used_at', 'desc')
    .orderBy('kept.id', 'desc')
