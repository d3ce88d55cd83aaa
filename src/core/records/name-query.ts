/**
 * Queries for names by project, format and part of the name. Where there are a million, it matters with which of these
 * an engine begins, so that is decided here and not left to it.
 */
import { sql, type SelectQueryBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { Schema } from '../../database/schema.ts'
import { contains, isRare, namesWithPart } from './name-parts.ts'
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

/** Projects with no more names than this are looked through. */
const fewNames = 100_000

/** Where to begin; `order` only if so many names fit that some are found soon. */
export async function beginningOf(db: Db, { search, projects }: NameFilter): Promise<Beginning> {
  if (!search) return 'projects'
  if (await isRare(db, search)) return 'part'
  const count = await countNames(db, namesFrom(db, 'projects', { projects }), fewNames)
  return count <= fewNames ? 'projects' : 'order'
}

/** The names that the filter finds; to be selected from, ordered and paged by who asks. */
export function namesFrom(db: Db, beginning: Beginning, filter: NameFilter) {
  const { projects, format, search, isListed } = filter
  let query = namesOf(db, beginning, projects)
  if (format !== undefined) query = query.where(unindexed('names.format'), '=', format)
  if (search) query = query.where((eb) => contains(eb.ref('names.name'), search))
  if (search && beginning === 'part') {
    query = query.where('names.id', 'in', sql<number>`(${namesWithPart(db, search)})`)
  }
  if (!isListed) return query
  return query.where((eb) =>
    eb.exists(
      eb
        .selectFrom('packages')
        .select('packages.id')
        .whereRef('packages.name_id', '=', 'names.id')
        .where('packages.status', 'in', listed),
    ),
  )
}

/** How many names a query finds, `most` + 1 where there are more. */
export async function countNames(db: Db, names: NamesQuery, most = mostCounted): Promise<number> {
  const some = names.select('names.id').limit(most + 1)
  const row = await db
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

type NamesQuery = SelectQueryBuilder<Schema, 'names', {}>

function namesOf(db: Db, beginning: Beginning, projects: ProjectSet): NamesQuery {
  if (typeof projects === 'number' && beginning === 'projects') {
    return db.selectFrom('names').where('names.project_id', '=', projects)
  }
  const scope = projectQuery(db, projects)
  // The plus keeps engines from beginning with the projects all the same.
  if (beginning !== 'projects') {
    return db.selectFrom('names').where(sql<number>`+${sql.ref('names.project_id')}`, 'in', scope)
  }
  // The word cross keeps SQLite from changing the order.
  const joined = db.selectFrom(scope.as('scope')).crossJoin('names')
  return joined.whereRef('names.project_id', '=', 'scope.id') as unknown as NamesQuery
}

/** So that the few formats there are do not seem a good beginning. */
const unindexed = (column: string) => sql<string>`${sql.ref(column)} || ''`
