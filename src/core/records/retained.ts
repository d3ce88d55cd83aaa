/** What retention looks at: names page by page, with all that speaks for and against their versions. */
import type { Db } from '../../database/database.ts'
import type { NameRow } from '../../database/schema.ts'
import { inBatches } from './batches.ts'
import { listed } from './packages.ts'

/** A version that lists show. Others (hidden, unfinished) are no matter of retention. */
export interface RetainedVersion {
  readonly id: number
  readonly version: string
  readonly version_key: string
  /** First publication. */
  readonly created_at: number
  /** When its last file was published. */
  readonly published_at: number
  readonly last_downloaded_at: number | null
  readonly tags: readonly string[]
}

/** Names in a project, or in all projects below a group that are not deleted, in the order of their numbers. */
export function namesAfter(
  db: Db,
  of: { readonly project_id: number } | { readonly group_id: number },
  after: number,
  limit: number,
): Promise<NameRow[]> {
  let query = db
    .selectFrom('names')
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .selectAll('names')
    .where('names.id', '>', after)
    .where('projects.deleted_at', 'is', null)
    .orderBy('names.id')
    .limit(limit)
  if ('project_id' in of) query = query.where('names.project_id', '=', of.project_id)
  else {
    const below = db.selectFrom('group_tree').select('group_id').where('ancestor_id', '=', of.group_id)
    query = query.where('projects.group_id', 'in', below)
  }
  return query.execute()
}

/** How many versions each of these names has; of some thousand names at most. */
export async function countVersions(
  db: Db,
  nameIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (nameIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('packages')
    .select((eb) => ['name_id', eb.fn.countAll<number>().as('count')])
    .where('name_id', 'in', nameIds)
    .where('status', 'in', listed)
    .groupBy('name_id')
    .execute()
  return new Map(rows.map((row) => [row.name_id, Number(row.count)]))
}

/** The versions of each name, and which tags point at them. */
export async function versionsOfNames(
  db: Db,
  nameIds: readonly number[],
): Promise<ReadonlyMap<number, RetainedVersion[]>> {
  if (nameIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('packages')
    .select(['id', 'name_id', 'version', 'version_key', 'created_at', 'last_downloaded_at'])
    .select((eb) =>
      eb
        .selectFrom('files')
        .select((file) => file.fn.max('files.created_at').as('at'))
        .whereRef('files.package_id', '=', 'packages.id')
        .where('files.live', '=', 1)
        .as('published_at'),
    )
    .where('name_id', 'in', nameIds)
    .where('status', 'in', listed)
    .execute()
  const tags = Map.groupBy(
    await db.selectFrom('tags').select(['package_id', 'tag']).where('name_id', 'in', nameIds).execute(),
    (tag) => tag.package_id,
  )
  const versions = rows.map((row) => ({
    ...row,
    published_at: Number(row.published_at ?? row.created_at),
    tags: (tags.get(row.id) ?? []).map(({ tag }) => tag),
  }))
  return Map.groupBy(versions, (version) => version.name_id)
}

export interface RetainedFile {
  readonly id: number
  readonly package_id: number
  readonly path: string
  readonly created_at: number
}

/** The files of those of these packages that have more than so many, the last published first. */
export async function filesBeyond(
  db: Db,
  packageIds: readonly number[],
  count: number,
): Promise<ReadonlyMap<number, RetainedFile[]>> {
  const files: RetainedFile[] = []
  for (const ids of inBatches(packageIds)) {
    const many = db
      .selectFrom('files')
      .select('package_id')
      .where('package_id', 'in', ids)
      .where('live', '=', 1)
      .groupBy('package_id')
      .having((eb) => eb.fn.countAll(), '>', count)
    const rows = await db
      .selectFrom('files')
      .select(['id', 'package_id', 'path', 'created_at'])
      .where('package_id', 'in', many)
      .where('live', '=', 1)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute()
    files.push(...rows)
  }
  return Map.groupBy(files, (file) => file.package_id)
}
