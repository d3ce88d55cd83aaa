/** Lists of package names, a row per name however many versions it has: what people browse. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { NameRow } from '../../database/schema.ts'
import { countedPage } from './counted-page.ts'
import { firstOfMany, mostFirst } from './first-of-many.ts'
import { contains } from './name-parts.ts'
import { beginningOf, countNames, namesFrom, type NameFilter } from './name-query.ts'
import { listed } from './packages.ts'
import { mostCounted } from './pages.ts'
import { projectQuery, type ProjectSet } from './project-sets.ts'

export interface ListedName {
  readonly name: NameRow
  readonly projectPath: string
  /** How many versions lists show. */
  readonly versions: number
  /** The one published last. */
  readonly last: { readonly id: number; readonly version: string; readonly createdAt: number }
}

export interface NamePage {
  /** The last changed first. */
  readonly rows: readonly ListedName[]
  /** How many there are in all, `mostCounted` + 1 where there are more. */
  readonly total: number
}

/** A page of the names with at least one listed version. */
export async function listNames(
  db: Db,
  asked: Omit<NameFilter, 'isListed'>,
  page: { readonly offset: number; readonly limit: number },
): Promise<NamePage> {
  const filter = { ...asked, isListed: true }
  const beginning = await beginningOf(db, filter)
  const names = namesFrom(db, beginning, filter)
  const { count: total, ids: all } = filter.search
    ? await countedPage(db, names.select('names.id'), { ...page, place: changedAt, sort: 'desc' })
    : { count: await countNames(db, names), ids: undefined }
  const isLong = total > mostCounted && beginning !== 'part'
  const quick = isLong ? await lastChanged(db, filter, page) : undefined
  const ids = all ?? quick ?? (await idsOf(namesFrom(db, isLong ? 'order' : beginning, filter), page))
  const rows = await db
    .selectFrom('names')
    .where('names.id', 'in', [-1, ...ids])
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .selectAll('names')
    .select('projects.full_path as project_path')
    .orderBy('names.changed_at', 'desc')
    .orderBy('names.id', 'desc')
    .execute()
  const newest = await newestVersions(
    db,
    rows.map((row) => row.id),
  )
  const found = rows.flatMap(({ project_path: projectPath, ...name }) => {
    const latest = newest.get(name.id)
    return latest ? [{ name, projectPath, ...latest }] : []
  })
  return { rows: found, total }
}

/** The indexes that names are searched in do not hold it: so that it is read of those only that are found. */
const changedAt = sql<number>`(select changed_at from names as known where known.id = found.id)`

async function idsOf(
  names: ReturnType<typeof namesFrom>,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<number[]> {
  const rows = await names
    .select('names.id')
    .orderBy('names.changed_at', 'desc')
    .orderBy('names.id', 'desc')
    .offset(offset)
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** The numbers of the names on a page of many; undefined where it is far back. */
async function lastChanged(
  db: Db,
  { projects, format, search }: NameFilter,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<number[] | undefined> {
  if (offset + limit > mostFirst) return undefined
  const ofFormat = format === undefined ? sql`` : sql` and ${sql.ref('names.format')} = ${format}`
  const hasPart = search ? sql` and ${contains(db, sql.ref('names.name'), search)}` : sql``
  const isListed = sql`exists (select 1 from packages where packages.name_id = names.id
    and packages.status in (${sql.join(listed)}))`
  const many = {
    owners: projectQuery(db, projects),
    table: 'names',
    owner: 'project_id',
    where: sql`${isListed}${ofFormat}${hasPart}`,
    column: 'changed_at',
    sort: 'desc',
  } as const
  return (await firstOfMany(db, many, offset + limit)).slice(offset)
}

/** Which of these formats have names among the projects, by id. */
export async function formatsHeld(
  db: Db,
  projects: ProjectSet,
  formats: readonly string[],
): Promise<string[]> {
  const held: string[] = []
  for (const format of formats) {
    const found = await db
      .selectFrom(projectQuery(db, projects).as('scope'))
      .crossJoin('names')
      .select('names.id')
      .whereRef('names.project_id', '=', 'scope.id')
      .where('names.format', '=', format)
      .where((eb) =>
        eb.exists(
          eb
            .selectFrom('packages')
            .select('packages.id')
            .whereRef('packages.name_id', '=', 'names.id')
            .where('packages.status', 'in', listed),
        ),
      )
      .limit(1)
      .executeTakeFirst()
    if (found) held.push(format)
  }
  return held
}

/** Lists of projects count each one's names up to this number. */
export const mostCountedOfEach = 1000

/** How many names each of these projects lists, `mostCountedOfEach` + 1 where there are more. */
export async function countNamesOfProjects(
  db: Db,
  projectIds: readonly number[],
): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  for (const id of projectIds) {
    const names = namesFrom(db, 'projects', { projects: id, isListed: true })
    counts.set(id, await countNames(db, names, mostCountedOfEach))
  }
  return counts
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
