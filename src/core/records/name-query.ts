/**
 * Queries for names by project, format and part of the name. Where there are a million, it matters with which of these
 * an engine begins, so that is decided here and not left to it.
 */
import { sql, type SelectQueryBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../database/database.ts'
import { engineOf } from '../../database/engine.ts'
import type { Schema } from '../../database/schema.ts'
import { amountsOf } from './name-amounts.ts'
import { hasListed } from './listed-names.ts'
import { contains, isIndexed, mayContain } from './name-parts.ts'
import { listed } from './packages.ts'
import { mostCounted } from './pages.ts'
import { projectQuery, type ProjectSet } from './project-sets.ts'

export interface NameFilter {
  /** Projects whose packages the caller may read. */
  readonly projects: ProjectSet
  readonly format?: string | undefined
  /** Part of the name, compared case-insensitively. */
  readonly search?: string | undefined
  /** Only names with a version that lists show. */
  readonly isListed?: boolean
}

/**
 * With what a query begins: the names that contain the part, the projects, or the names in the order that is asked
 * for, until there are enough.
 */
export type Beginning = 'part' | 'projects' | 'order'

/** No more than this is looked through: names that may contain the part, or all of the projects. */
const few = { withPart: mostCounted, inProjects: 100_000 }
/** To look a name up takes as long as to look at so many one after the other. */
const costsOfLookUp = { sqlite: 30, postgres: 8 } as const

/**
 * Where to begin, so that the fewest names are looked at until `wanted` are found, the first in the order of the
 * alphabet (left out: all of them, to be counted, too). `order` only if so many fit that some are found soon.
 */
export async function beginningOf(
  db: Db,
  { search, projects }: NameFilter,
  wanted?: number,
): Promise<Beginning> {
  if (!search && wanted === undefined) return 'projects'
  const costOfLookUp = costsOfLookUp[engineOf(db)]
  const { all, withPart, inProjects } = await amountsOf(db, search ?? '', projects, few.withPart)
  const part = search && isIndexed(search) && withPart <= few.withPart ? costOfLookUp * withPart : Infinity
  const inEach = inProjects <= few.inProjects ? inProjects : Infinity
  if (wanted !== undefined) {
    const found = Math.max(1, (withPart * inProjects) / Math.max(1, all))
    // What begins with the projects may look all up that it finds, before they are in order.
    if ((wanted * all) / found < Math.min(part, inEach + costOfLookUp * found)) return 'order'
  }
  if (Math.min(part, inEach) === Infinity) return 'order'
  return part <= inEach ? 'part' : 'projects'
}

/** The names that the filter finds; to be selected from, ordered and paged by who asks. */
export function namesFrom(db: Db, beginning: Beginning, filter: NameFilter) {
  const { projects, format, search, isListed } = filter
  let query = namesOf(db, beginning, projects)
  // SQLite asks in this order: the part leaves out most.
  if (search) query = query.where((eb) => contains(db, eb.ref('names.name'), search))
  if (search && beginning === 'part') query = query.where(mayContain(db, search))
  if (beginning !== 'projects') query = query.where(isAmong(db, projects))
  if (format !== undefined) {
    const isLate = beginning === 'order' || (beginning === 'projects' && search)
    // In the words at the end the few formats there are do not seem a good beginning.
    query = query.where(isLate ? hasFormat('names.id', format) : sql<SqlBool>`names.format || '' = ${format}`)
  }
  return isListed ? query.where(hasListed) : query
}

/** The numbers of the first names in the order of the alphabet; format and versions are looked up until there are enough. */
export function firstNames(db: Db, beginning: Beginning, filter: NameFilter, most: number) {
  const inOrder = (names: NamesQuery) => names.orderBy('names.name').orderBy('names.id')
  if (beginning === 'order') {
    const names = inOrder(namesFrom(db, beginning, filter))
    return names.select('names.id').limit(most)
  }
  const { format, isListed, ...found } = filter
  const ordered = inOrder(namesFrom(db, beginning, found)).select(['names.id', 'names.name'])
  let first = db.selectFrom(ordered.as('found')).select('found.id')
  if (format !== undefined) first = first.where(hasFormat('found.id', format))
  if (isListed) first = first.where(hasListedVersion('found.id'))
  return first.orderBy('found.name').orderBy('found.id').limit(most)
}

/** Of a name whose project is not known. */
const hasListedVersion = (nameId: string) => sql<SqlBool>`exists (select packages.id from packages
  where packages.name_id = ${sql.ref(nameId)} and packages.status in (${sql.join(listed)}))`

/** How many names a query finds, `mostCounted` + 1 where there are more. */
export async function countNames(db: Db, names: NamesQuery): Promise<number> {
  const some = names.select('names.id').limit(mostCounted + 1)
  const row = await db
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export type NamesQuery = SelectQueryBuilder<Schema, 'names', {}>

function namesOf(db: Db, beginning: Beginning, projects: ProjectSet): NamesQuery {
  if (beginning !== 'projects') return db.selectFrom('names')
  if (typeof projects === 'number') return db.selectFrom('names').where('names.project_id', '=', projects)
  // The word cross keeps SQLite from changing the order.
  const joined = db.selectFrom(projects.as('scope')).crossJoin('names')
  return joined.whereRef('names.project_id', '=', 'scope.id') as unknown as NamesQuery
}

/**
 * The plus and the truth keep engines from beginning with the projects all the same, and from looking through them for
 * each name.
 */
const isAmong = (db: Db, projects: ProjectSet) =>
  sql<SqlBool>`(+${sql.ref('names.project_id')} in (${projectQuery(db, projects)})) is true`

/**
 * The indexes that names are searched in do not hold the format: so that it is read of those only that contain the part.
 * Of an inequality engines expect that it is true for many.
 */
const hasFormat = (nameId: string, format: string) =>
  sql<SqlBool>`case (select known.format from names as known where known.id = ${sql.ref(nameId)})
    when ${format} then 1 else 0 end > 0`
