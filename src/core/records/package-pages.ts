/** Pages of packages as the API lists them, from the few of a project to the millions of an instance. */
import { sql, type RawBuilder, type SelectQueryBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { PackageStatus, Schema } from '../../database/schema.ts'
import { countedPage } from './counted-page.ts'
import { firstOfMany, mostFirst } from './first-of-many.ts'
import { contains } from './name-parts.ts'
import { beginningOf, namesFrom, type Beginning } from './name-query.ts'
import { listedPackages, type ListedPackage } from './package-lists.ts'
import { mostCounted, type Page } from './pages.ts'
import { projectQuery, type ProjectQuery, type ProjectSet } from './project-sets.ts'

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

/** The page of the packages that the filter finds. To be asked where long statements hold nobody up. */
export async function pageOfPackages(
  db: Db,
  filter: PackageFilter,
  window: PackageWindow,
): Promise<Page<ListedPackage>> {
  const beginning = await beginningOf(db, { projects: filter.projects, search: filter.name })
  const { count, ids: all } = await countAndPage(db, beginning, filter, window)
  const isLong = count > mostCounted
  const ids = all ?? (await pageOfMany(db, { beginning, isLong }, filter, window))
  const rows = await listedPackages(db)
    .where('packages.id', 'in', [-1, ...ids.slice(0, window.limit)])
    .execute()
  const items = rows.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
  return { items, total: isLong ? undefined : count, more: ids.length > window.limit }
}

/** What a search finds is looked at once, for both; other lists are counted without a look at what orders them. */
async function countAndPage(
  db: Db,
  beginning: Beginning,
  filter: PackageFilter,
  window: PackageWindow,
): Promise<{ readonly count: number; readonly ids?: readonly number[] }> {
  const query = packagesFrom(db, beginning, filter, window)
  if (!filter.name) return { count: await countOf(db, query) }
  const column = columnOf(window.order, isInOrder(beginning, filter))
  const placed = query.select(['packages.id', column.as('place')])
  const place = sql.ref('found.place')
  return countedPage(db, placed, { ...window, place, limit: window.limit + 1 })
}

async function pageOfMany(
  db: Db,
  { beginning, isLong }: { readonly beginning: Beginning; readonly isLong: boolean },
  filter: PackageFilter,
  window: PackageWindow,
): Promise<readonly number[]> {
  const quick = isLong && beginning !== 'part' ? await firstOfProjects(db, filter, window) : undefined
  if (quick) return quick
  const from = isLong && beginning === 'projects' ? 'order' : beginning
  const column = columnOf(window.order, isInOrder(from, filter))
  return orderedIds(packagesFrom(db, from, filter, window), column, window)
}

type PackagesQuery = SelectQueryBuilder<Schema, 'packages', {}>

/** Begins with names, with projects, or (to be ordered) with the packages themselves. */
function packagesFrom(
  db: Db,
  beginning: Beginning,
  filter: PackageFilter,
  window: PackageWindow,
): PackagesQuery {
  const { projects } = filter
  const query = isInOrder(beginning, filter)
    ? inOrder(db, filter, window)
    : beginningWith(db, filter, beginning)
  const inProject = typeof projects === 'number' ? query.where('packages.project_id', '=', projects) : query
  return inProject.where(conditions(filter, window))
}

/** A single project's packages have indexes of their own for most orders. */
const isInOrder = (beginning: Beginning, { projects, name }: PackageFilter) =>
  beginning === 'order' || (typeof projects === 'number' && !name)

/** The word cross keeps SQLite from changing the order. */
function beginningWith(db: Db, { projects, name }: PackageFilter, beginning: Beginning): PackagesQuery {
  const found = name
    ? namesFrom(db, beginning, { projects, search: name }).select('names.id')
    : projectQuery(db, projects)
  return db
    .selectFrom((found as ProjectQuery).as('found'))
    .crossJoin('packages')
    .whereRef(name ? 'packages.name_id' : 'packages.project_id', '=', 'found.id') as unknown as PackagesQuery
}

function inOrder(db: Db, { projects, name }: PackageFilter, { order }: PackageWindow): PackagesQuery {
  const first = order === 'name' ? 'names' : 'packages'
  let query = (first === 'names' ? byName(db) : db.selectFrom('packages')) as PackagesQuery
  if (name) query = query.where(hasPart(db, name))
  if (typeof projects === 'number') return query.where(sql.ref(`${first}.project_id`), '=', projects)
  // The plus keeps engines from beginning with the projects after all.
  return query.where(sql<number>`+${sql.ref(`${first}.project_id`)}`, 'in', projects)
}

const byName = (db: Db) =>
  db.selectFrom('names').crossJoin('packages').whereRef('packages.name_id', '=', 'names.id')

const hasPart = (db: Db, part: string) =>
  sql<boolean>`exists (select 1 from names as named
    where named.id = packages.name_id and ${contains(db, sql.ref('named.name'), part)})`

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
  if (!isOrder || offset + limit >= mostFirst) return undefined
  const many = {
    owners: projectQuery(db, filter.projects),
    table: 'packages',
    owner: 'project_id',
    where: filter.name
      ? sql`${conditions(filter, window)} and ${hasPart(db, filter.name)}`
      : conditions(filter, window),
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

async function orderedIds(
  query: PackagesQuery,
  column: RawBuilder<unknown>,
  window: PackageWindow,
): Promise<number[]> {
  const { sort, offset, limit } = window
  const rows = await query
    .select('packages.id')
    .orderBy(column, sort)
    .orderBy('packages.id', sort)
    .offset(offset)
    .limit(limit + 1)
    .execute()
  return rows.map((row) => row.id)
}

function columnOf(order: PackageOrder, beginsWithNames: boolean): RawBuilder<unknown> {
  if (order === 'name' && beginsWithNames) return sql.ref('names.name')
  if (order === 'name') return sql`(select name from names as named where named.id = packages.name_id)`
  if (order === 'project_path') {
    return sql`(select full_path from projects where projects.id = packages.project_id)`
  }
  return sql.ref(`packages.${order === 'type' ? 'format' : order}`)
}
