/**
 * How many names have a version that lists show: told by one index of packages, in which those of a name stand beside
 * each other, without a look at the names.
 */
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../database/database.ts'
import { engineOf } from '../../database/engine.ts'
import { listed } from './packages.ts'
import { mostCounted } from './pages.ts'
import { projectQuery, type ProjectQuery, type ProjectSet } from './project-sets.ts'

/** As the index `packages_listed` says it: SQLite goes by it only where the words are the same. */
const isListed = sql`packages.status in (${sql.join(listed.map((status) => sql.lit(status)))})`

/**
 * Whether the row of `names` has a version that lists show: looked up for each row. After the word exists PostgreSQL would
 * join all packages of the project, since it takes names with such a version for rare.
 */
export const hasListed = sql<SqlBool>`(select 1 from packages where packages.project_id = names.project_id
  and packages.name_id = names.id and ${isListed} limit 1) is not null`

/** The names that one project (a number, or a column) lists, in the order of the index: no more than `most` + 1 are looked for. */
const namesIn = (projectId: number | RawBuilder<number>, most: number, format?: string) =>
  sql`select distinct packages.name_id from packages
    where packages.project_id = ${projectId} and ${isListed}${ofFormat(format)} limit ${most + 1}`

const ofFormat = (format: string | undefined) =>
  format === undefined ? sql`` : sql` and packages.format = ${format}`

/** How many names the projects list, `mostCounted` + 1 where there are more. To be asked where long statements hold nobody up. */
export async function countListedNames(db: Db, projects: ProjectSet, format?: string): Promise<number> {
  const names =
    typeof projects === 'number' ? namesIn(projects, mostCounted, format) : namesInAll(db, projects, format)
  const { rows } = await sql<{ count: number }>`select count(*) as count from (${names}) as found`.execute(db)
  return Number(rows[0]!.count)
}

/** PostgreSQL would look at all of them before it told the first, were it not asked project by project. */
function namesInAll(db: Db, projects: ProjectSet, format: string | undefined): RawBuilder<unknown> {
  const scope = sql`(${projectQuery(db, projects)}) as scope`
  if (engineOf(db) === 'postgres') {
    const names = namesIn(sql.ref('scope.id'), mostCounted, format)
    return sql`select 1 from ${scope} cross join lateral (${names}) as names limit ${mostCounted + 1}`
  }
  return sql`select distinct packages.name_id from ${scope} cross join packages
    where packages.project_id = scope.id and ${isListed}${ofFormat(format)} limit ${mostCounted + 1}`
}

/** Lists of projects count each one's names up to this number. */
export const mostCountedOfEach = 1000

/** How many names each of these few projects lists, `mostCountedOfEach` + 1 where there are more. */
export async function countNamesOfProjects(db: Db, projects: ProjectQuery): Promise<Map<number, number>> {
  const names = namesIn(sql.ref('scope.id'), mostCountedOfEach)
  const rows = await db
    .selectFrom(projects.as('scope'))
    .select('scope.id')
    .select(sql<number>`(select count(*) from (${names}) as found)`.as('count'))
    .execute()
  return new Map(rows.map(({ id, count }) => [id, Number(count)]))
}

/** Which of these formats have listed names among the projects. */
export async function formatsHeld(
  db: Db,
  projects: ProjectSet,
  formats: readonly string[],
): Promise<string[]> {
  if (formats.length === 0) return []
  const asked = sql.join(
    formats.map((format) => sql`select cast(${format} as text) as id`),
    sql` union all `,
  )
  // With a limit, engines look for the first one instead of joining all.
  const { rows } = await sql<{ id: string }>`select asked.id from (${asked}) as asked
    where (select 1 from (${projectQuery(db, projects)}) as scope cross join names
      where names.project_id = scope.id and names.format = asked.id and ${hasListed} limit 1) is not null`.execute(
    db,
  )
  const held = new Set(rows.map(({ id }) => id))
  return formats.filter((format) => held.has(format))
}
