/** Pages of packages as the API lists them, from the few of a project to the millions of an instance. */
import { sql, type RawBuilder, type SelectQueryBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { PackageStatus, Schema } from '../../database/schema.ts'
import { firstOfMany, mostFirst } from './first-of-many.ts'
import { contains } from './name-parts.ts'
import { beginningOf, namesFrom, type Beginning } from './name-query.ts'
import { listedPackages, type ListedPackage } from './package-lists.ts'
import { mostCounted, type Page } from './pages.ts'
import { projectQuery, type ProjectSet } from './project-sets.ts'

export interface PackageFilter {
  /** Projects whose packages the caller may read. */
  readonly projects: ProjectSet
  readonly statuses: readonly PackageStatus[]
  readonly format?: string | undefined
  /** Part of the name, compared case-insensitively. */
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly creatorId?: number | undefined
}
export type PackageOrder = 'id' | 'created_at' | 'name' | 'version' | 'type' | 'project_path'

export interface PackageWindow {
  readonly order: PackageOrder
  readonly sort: 'asc' | 'desc'
  readonly offset: number
  readonly limit: number
  /** In the order of their numbers only: those behind this one. */
  readonly after?: number | undefined
}

const columns = {
  id: 'packages.id',
  created_at: 'packages.created_at',
  name: 'names.name',
  version: 'packages.version',
  type: 'packages.format',
  project_path: 'projects.full_path',
} as const

/** The page of the packages that the filter finds. To be asked where long statements hold nobody up. */
export async function pageOfPackages(
  db: Db,
  filter: PackageFilter,
  window: PackageWindow,
): Promise<Page<ListedPackage>> {
  const beginning = await beginningOf(db, { projects: filter.projects, search: filter.name })
  const count = await countOf(db, packagesFrom(db, beginning, filter, window))
  const isLong = count > mostCounted
  const quick = isLong ? await firstOfProjects(db, filter, window) : undefined
  const from = isLong && beginning === 'projects' ? 'order' : beginning
  const ids = quick ?? (await orderedIds(packagesFrom(db, from, filter, window), window))
  const items = await ordered(
    listedPackages(db).where('packages.id', 'in', [-1, ...ids.slice(0, window.limit)]),
    window,
  ).execute()
  return { items, total: isLong ? undefined : count, more: ids.length > window.limit }
}

type PackagesQuery = SelectQueryBuilder<Schema, 'packages' | 'names' | 'projects', {}>

/** Begins with names, with projects, or (to be ordered) with the packages themselves. */
function packagesFrom(
  db: Db,
  beginning: Beginning,
  filter: PackageFilter,
  window: PackageWindow,
): PackagesQuery {
  const { projects, name } = filter
  const isInOrder = beginning === 'order' || (typeof projects === 'number' && !name)
  const from = isInOrder ? inOrder : name ? ofNames : ofProjects
  let query = from(db, filter, beginning)
  query = query.where(conditions(filter, window))
  if (beginning === 'order' && name) query = query.where((eb) => contains(eb.ref('names.name'), name))
  return typeof projects === 'number' ? query.where('packages.project_id', '=', projects) : query
}

function ofNames(db: Db, { projects, name }: PackageFilter, beginning: Beginning): PackagesQuery {
  const names = namesFrom(db, beginning, { projects, search: name }).select('names.id')
  return db
    .selectFrom(names.as('found'))
    .crossJoin('packages')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .innerJoin('projects', 'projects.id', 'packages.project_id')
    .whereRef('packages.name_id', '=', 'found.id') as unknown as PackagesQuery
}

function ofProjects(db: Db, { projects }: PackageFilter): PackagesQuery {
  return db
    .selectFrom(projectQuery(db, projects).as('scope'))
    .crossJoin('packages')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .innerJoin('projects', 'projects.id', 'packages.project_id')
    .whereRef('packages.project_id', '=', 'scope.id') as unknown as PackagesQuery
}

/** The plus keeps engines from beginning with the projects after all. */
function inOrder(db: Db, { projects }: PackageFilter): PackagesQuery {
  const query = db
    .selectFrom('packages')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .innerJoin('projects', 'projects.id', 'packages.project_id')
  if (typeof projects === 'number') return query
  return query.where(sql<number>`+${sql.ref('packages.project_id')}`, 'in', projects)
}

function conditions(filter: PackageFilter, { order, sort, after }: PackageWindow): RawBuilder<boolean> {
  const { statuses, format, version, creatorId } = filter
  const all = [sql`${sql.ref('packages.status')} in (${sql.join(statuses)})`]
  if (format !== undefined) all.push(sql`${sql.ref('packages.format')} = ${format}`)
  if (version !== undefined) all.push(sql`${sql.ref('packages.version')} = ${version}`)
  if (creatorId !== undefined) all.push(sql`${sql.ref('packages.creator_id')} = ${creatorId}`)
  if (after !== undefined && order === 'id') {
    all.push(sql`${sql.ref('packages.id')} ${sql.raw(sort === 'asc' ? '>' : '<')} ${after}`)
  }
  return sql<boolean>`(${sql.join(all, sql` and `)})`
}

/** One more than the page holds; undefined where the page is far back, or in another order. */
async function firstOfProjects(
  db: Db,
  filter: PackageFilter,
  window: PackageWindow,
): Promise<number[] | undefined> {
  const { order, sort, offset, limit } = window
  const isOrder = order === 'id' || order === 'created_at'
  if (filter.name || !isOrder || offset + limit >= mostFirst) return undefined
  const many = {
    projects: projectQuery(db, filter.projects),
    table: 'packages',
    where: conditions(filter, window),
    column: order,
    sort,
  } as const
  return (await firstOfMany(db, many, offset + limit + 1)).slice(offset)
}

async function countOf(db: Db, query: PackagesQuery): Promise<number> {
  const row = await db
    .selectFrom(
      query
        .select('packages.id')
        .limit(mostCounted + 1)
        .as('some'),
    )
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

async function orderedIds(query: PackagesQuery, window: PackageWindow): Promise<number[]> {
  const rows = await ordered(query.select('packages.id'), window)
    .offset(window.offset)
    .limit(window.limit + 1)
    .execute()
  return rows.map((row) => row.id)
}

function ordered<O>(
  query: SelectQueryBuilder<Schema, 'packages' | 'names' | 'projects', O>,
  { order, sort }: PackageWindow,
): SelectQueryBuilder<Schema, 'packages' | 'names' | 'projects', O> {
  return query.orderBy(columns[order], sort).orderBy('packages.id', sort)
}
