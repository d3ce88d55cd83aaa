/** Lists of package names, a row per name however many versions it has: what people browse. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { NameRow } from '../../database/schema.ts'
import { ownerIdBelow } from './name-owners.ts'
import { listed } from './packages.ts'
import { containing } from './pages.ts'

export interface NameFilter {
  /** Projects whose packages the caller may read. */
  readonly projectIds: readonly number[]
  readonly format?: string | undefined
  /** Part of the name, compared case-insensitively. */
  readonly search?: string | undefined
}

export interface ListedName {
  readonly name: NameRow
  readonly projectPath: string
  /** How many versions lists show. */
  readonly versions: number
  /** The one published last. */
  readonly last: { readonly id: number; readonly version: string; readonly createdAt: number }
}

/** The most names that are counted. */
export const mostCounted = 10_000

/** A page of the names with at least one listed version, the last changed first. */
export async function listNames(
  db: Db,
  filter: NameFilter,
  page: { readonly offset: number; readonly limit: number },
): Promise<ListedName[]> {
  if (filter.projectIds.length === 0) return []
  const rows = await filtered(db, filter)
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .selectAll('names')
    .select('projects.full_path as project_path')
    .orderBy('names.changed_at', 'desc')
    .orderBy('names.id', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  const newest = await newestVersions(
    db,
    rows.map((row) => row.id),
  )
  return rows.flatMap(({ project_path: projectPath, ...name }) => {
    const found = newest.get(name.id)
    return found ? [{ name, projectPath, ...found }] : []
  })
}

/** How many names the filter finds, `mostCounted` + 1 where there are more. */
export async function countNames(db: Db, filter: NameFilter): Promise<number> {
  if (filter.projectIds.length === 0) return 0
  const some = filtered(db, filter)
    .select('names.id')
    .limit(mostCounted + 1)
  const row = await db
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Which formats have names among these projects, by id. */
export async function formatsHeld(db: Db, projectIds: readonly number[]): Promise<string[]> {
  if (projectIds.length === 0) return []
  const rows = await filtered(db, { projectIds }).select('names.format').distinct().execute()
  return rows.map((row) => row.format)
}

/** How many names each of these projects lists, `mostCounted` + 1 where there are more. */
export async function countNamesOfProjects(
  db: Db,
  projectIds: readonly number[],
): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  for (const id of projectIds) counts.set(id, await countNames(db, { projectIds: [id] }))
  return counts
}

/** The numbers of those of these names that own their name below the group. */
export async function ownersBelow(
  db: Db,
  groupId: number,
  names: readonly NameRow[],
): Promise<ReadonlySet<number>> {
  if (names.length === 0) return new Set()
  const rows = await db
    .selectFrom('names')
    .select('names.id')
    .where(
      'names.id',
      'in',
      names.map((name) => name.id),
    )
    .where((eb) =>
      eb(
        'names.id',
        '=',
        ownerIdBelow(groupId, { format: eb.ref('names.format'), key: eb.ref('names.key') }),
      ),
    )
    .execute()
  return new Set(rows.map((row) => row.id))
}

function filtered(db: Db, { projectIds, format, search }: NameFilter) {
  let query = db
    .selectFrom('names')
    .where('names.project_id', 'in', projectIds)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('packages')
          .select('packages.id')
          .whereRef('packages.name_id', '=', 'names.id')
          .where('packages.status', 'in', listed),
      ),
    )
  if (format !== undefined) query = query.where('names.format', '=', format)
  if (search) {
    query = query.where(sql`lower(names.name)`, 'like', sql`${containing(search)} escape '\\'`)
  }
  return query
}

async function newestVersions(db: Db, nameIds: readonly number[]) {
  const newest = new Map<number, Pick<ListedName, 'versions' | 'last'>>()
  if (nameIds.length === 0) return newest
  const latest = db
    .selectFrom('packages')
    .select((eb) => [eb.fn.max('packages.id').as('id'), eb.fn.countAll<number>().as('versions')])
    .where('packages.name_id', 'in', nameIds)
    .where('packages.status', 'in', listed)
    .groupBy('packages.name_id')
  const rows = await db
    .selectFrom(latest.as('latest'))
    .innerJoin('packages', 'packages.id', 'latest.id')
    .select(['packages.id', 'packages.name_id', 'packages.version', 'packages.created_at', 'latest.versions'])
    .execute()
  for (const row of rows) {
    const last = { id: row.id, version: row.version, createdAt: row.created_at }
    newest.set(row.name_id, { versions: Number(row.versions), last })
  }
  return newest
}
