/** About how many names there are of some kind: what decides with which of them a query begins. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { engineOf } from '../../database/engine.ts'
import { contains, isIndexed, namesWithPart } from './name-parts.ts'
import { projectQuery, type ProjectSet } from './project-sets.ts'

export interface Amounts {
  /** All there are. */
  readonly all: number
  /** Names that contain the part. */
  readonly withPart: number
  /** Names in the projects. */
  readonly inProjects: number
}

/** PostgreSQL finds all names with a part before it tells the first, so it looks at this much of the table instead. */
const sampledPercent = 2

/** A part of one or two letters, which no index helps to find, is taken to stand in one of so many names. */
const oneIn = 5

/** Neither of the last two is counted further than to one more than `most` of it. */
export async function amountsOf(
  db: Db,
  part: string,
  projects: ProjectSet,
  most: Omit<Amounts, 'all'>,
): Promise<Amounts> {
  const scope = projectQuery(db, projects)
  if (engineOf(db) === 'postgres') {
    const { rows } = await sql<Amounts>`
      select count(*) as "all", count(*) filter (where ${contains(db, sql.ref('names.name'), part)}) as "withPart",
        count(*) filter (where names.project_id in (${scope})) as "inProjects"
      from names tablesample system (${sql.lit(sampledPercent)})`.execute(db)
    const whole = (count: number) => (Number(count) * 100) / sampledPercent
    const { all, withPart, inProjects } = rows[0]!
    return { all: whole(all), withPart: whole(withPart), inProjects: whole(inProjects) }
  }
  const withPart = isIndexed(part)
    ? sql`select count(*) from (${namesWithPart(part)} limit ${most.withPart + 1})`
    : sql`select max(id) / ${part ? oneIn : 1} from names`
  const { rows } = await sql<Amounts>`select (select max(id) from names) as "all",
    (${withPart}) as withPart,
    (select count(*) from (select 1 from (${scope}) as scope
      cross join names where names.project_id = scope.id limit ${most.inProjects + 1})) as inProjects`.execute(
    db,
  )
  const { all, withPart: found, inProjects } = rows[0]!
  return { all: all ?? 0, withPart: found ?? 0, inProjects }
}
