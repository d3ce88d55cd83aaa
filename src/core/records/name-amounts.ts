/** About how many names there are of some kind: what decides with which of them a query begins. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { engineOf } from '../../database/engine.ts'
import { contains, isIndexed, namesWithPart } from './name-parts.ts'
import { projectQuery, type ProjectQuery, type ProjectSet } from './project-sets.ts'

export interface Amounts {
  /** All there are. */
  readonly all: number
  /** Names that contain the part. */
  readonly withPart: number
  /** Names in the projects. */
  readonly inProjects: number
}

/**
 * PostgreSQL finds all names with a part before it tells the first, so it looks at so many pages of the table instead, each
 * of some dozens of names: enough to tell what stands in one of a hundred from what stands in one of fifty.
 */
const sampledPages = 90

/** Of a table that holds nothing: all of it. */
const percent = sql<number>`(select least(100, ${sql.lit(sampledPages)} * 100.0 * current_setting('block_size')::bigint
  / greatest(1, pg_relation_size('names'))))`

/**
 * SQLite: so many names, spread evenly over all, tell how many are in the projects, and how many have a part that very many
 * have. No name ever goes, so their numbers have no gaps to speak of.
 */
const sampledRows = 300

/** A part of one or two letters, which no index helps to find, is taken to stand in one of so many names. */
const oneIn = 5

/** Names with the part are counted up to `most`; what is more than that, and the others, is estimated. */
export function amountsOf(db: Db, part: string, projects: ProjectSet, most: number): Promise<Amounts> {
  const scope = projectQuery(db, projects)
  return engineOf(db) === 'postgres' ? sampledByPages(db, part, scope) : sampledByRows(db, part, scope, most)
}

async function sampledByPages(db: Db, part: string, scope: ProjectQuery): Promise<Amounts> {
  const { rows } = await sql<Amounts & { readonly percent: number }>`
    select count(*) as "all", count(*) filter (where ${contains(db, sql.ref('names.name'), part)}) as "withPart",
      count(*) filter (where names.project_id in (${scope})) as "inProjects", ${percent} as percent
    from names tablesample system (${percent})`.execute(db)
  const found = rows[0]!
  const whole = (count: number) => (Number(count) * 100) / Number(found.percent)
  return { all: whole(found.all), withPart: whole(found.withPart), inProjects: whole(found.inProjects) }
}

async function sampledByRows(db: Db, part: string, scope: ProjectQuery, most: number): Promise<Amounts> {
  const counted = isIndexed(part)
    ? sql`select count(*) from (${namesWithPart(part)} limit ${most + 1})`
    : sql`select newest.id / ${sql.lit(part ? oneIn : 1)}`
  const { rows } = await sql<Record<keyof Amounts | 'counted', number | null>>`with recursive
    newest (id, step) as (select max(id), max(1, max(id) / ${sql.lit(sampledRows)}) from names),
    sampled (id) as (select 1 union all select sampled.id + step from sampled, newest where sampled.id < newest.id),
    seen as (select count(*) filter (where names.project_id in (${scope})) as inProjects,
      count(*) filter (where ${contains(db, sql.ref('names.name'), part)}) as withPart
      from sampled cross join names where names.id = sampled.id)
    select newest.id as "all", (${counted}) as counted, withPart * step as withPart, inProjects * step as inProjects
    from newest, seen`.execute(db)
  const { all, counted: few, withPart, inProjects } = rows[0]!
  const isMore = (few ?? 0) > most
  return {
    all: all ?? 0,
    withPart: isMore ? Math.max(few!, withPart!) : (few ?? 0),
    inProjects: inProjects ?? 0,
  }
}
