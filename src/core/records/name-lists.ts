/** Lists of package names, a row per name however many versions it has: what people browse. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { NameRow } from '../../database/schema.ts'
import { countedPage } from './counted-page.ts'
import { firstOfMany, mostFirst } from './first-of-many.ts'
import { countListedNames, hasListed } from './listed-names.ts'
import { contains } from './name-parts.ts'
import { beginningOf, firstNames, namesFrom, type NameFilter } from './name-query.ts'
import { isAlone } from './names.ts'
import { listed } from './packages.ts'
import { mostCounted } from './pages.ts'
import { projectQuery } from './project-sets.ts'

export interface ListedName {
  readonly name: NameRow
  readonly projectPath: string
  /** No other project ever published the name. */
  readonly isAlone: boolean
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
  const { ids, total } = filter.search ? await pageFound(db, filter, page) : await pageOfAll(db, filter, page)
  return { rows: await listedNames(db, ids), total }
}

/** The first names with a listed version, in the order of the alphabet, and whether there are more: no other is counted. */
export async function firstListed(
  db: Db,
  asked: Omit<NameFilter, 'isListed'>,
  most: number,
): Promise<{ readonly rows: readonly ListedName[]; readonly more: boolean }> {
  const filter = { ...asked, isListed: true }
  const beginning = await beginningOf(db, filter, most + 1)
  const first = await firstNames(db, beginning, filter, most + 1).execute()
  const ids = first.slice(0, most).map((row) => row.id)
  const places = new Map(ids.map((id, at) => [id, at]))
  const rows = await listedNames(db, ids)
  rows.sort((a, b) => places.get(a.name.id)! - places.get(b.name.id)!)
  return { rows, more: first.length > most }
}

/** The last changed first. */
async function listedNames(db: Db, ids: readonly number[]): Promise<ListedName[]> {
  const [rows, newest] = await Promise.all([namesById(db, ids), newestVersions(db, ids)])
  return rows.flatMap(({ project_path: projectPath, alone, ...name }) => {
    const latest = newest.get(name.id)
    return latest ? [{ name, projectPath, isAlone: alone === 1, ...latest }] : []
  })
}

/** The last changed first. */
function namesById(db: Db, ids: readonly number[]) {
  return db
    .selectFrom('names')
    .where('names.id', 'in', [-1, ...ids])
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .selectAll('names')
    .select('projects.full_path as project_path')
    .select((eb) => isAlone(eb).as('alone'))
    .orderBy('names.changed_at', 'desc')
    .orderBy('names.id', 'desc')
    .execute()
}

interface Ids {
  readonly ids: readonly number[]
  readonly total: number
}
type Place = Parameters<typeof listNames>[2]

/** What a search finds is looked at once, to be counted and to be ordered. */
async function pageFound(db: Db, filter: NameFilter, page: Place): Promise<Ids> {
  const beginning = await beginningOf(db, filter)
  const names = namesFrom(db, beginning, filter).select('names.id')
  const { count: total, ids } =
    beginning === 'order'
      ? await countedPage(db, names, { ...page, place: lookedUp, sort: 'desc' })
      : await countedPage(db, names.select('names.changed_at'), { ...page, place: beside, sort: 'desc' })
  if (ids) return { ids, total }
  const quick = beginning === 'part' ? undefined : await lastChanged(db, filter, page)
  return {
    ids: quick ?? (await idsOf(namesFrom(db, beginning === 'part' ? 'part' : 'order', filter), page)),
    total,
  }
}

async function pageOfAll(db: Db, filter: NameFilter, page: Place): Promise<Ids> {
  const { projects, format } = filter
  const counted = countListedNames(db, projects, format)
  // All would be looked through for a format that is not there.
  if (format !== undefined && (await counted) === 0) return { ids: [], total: 0 }
  // The names of a single project have an index of this order.
  const isInOrder = typeof projects === 'number'
  const [total, first] = await Promise.all([
    counted,
    isInOrder ? idsOf(namesFrom(db, 'projects', filter), page) : lastChanged(db, filter, page),
  ])
  const beginning = total > mostCounted ? 'order' : 'projects'
  return { ids: first ?? (await idsOf(namesFrom(db, beginning, filter), page)), total }
}

const beside = sql.ref<number>('found.changed_at')
/** The index of all names in their order does not hold it: so that it is read of those only that are found. */
const lookedUp = sql<number>`(select changed_at from names as known where known.id = found.id)`

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
  const many = {
    owners: projectQuery(db, projects),
    table: 'names',
    owner: 'project_id',
    where: sql`${hasListed}${ofFormat}${hasPart}`,
    column: 'changed_at',
    sort: 'desc',
  } as const
  return (await firstOfMany(db, many, offset + limit)).slice(offset)
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
