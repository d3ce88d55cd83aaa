/**
 * The first rows of many lists that are each in order already, such as the packages of thousands of projects by the
 * time of their publication: without sorting all of them.
 */
import { sql, type Expression, type RawBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import { engineOf } from '../../database/engine.ts'

export interface ManyLists {
  /** A query for the numbers (`id`) of the projects or groups that have a list each. */
  readonly owners: Expression<unknown>
  readonly table: 'packages' | 'names' | 'events'
  readonly owner: 'project_id' | 'group_id'
  /** Which rows of the table are meant. An index on the owner, the column and the number must serve it. */
  readonly where: RawBuilder<unknown>
  /** What the rows of an owner are ordered by, before their number. */
  readonly column: string
  readonly sort: 'asc' | 'desc'
}

/** As many rows are looked for at most; further back in a list they cost too much to be found this way. */
export const mostFirst = 120

/**
 * The numbers of the first `limit` rows of all lists together, in order. Of each only the beginning is read:
 * where it begins says whether it can have a part in the first rows.
 */
export async function firstOfMany(db: Db, many: ManyLists, limit: number): Promise<number[]> {
  const words = wordsFor(many)
  const begun = beginnings(many, words, limit)
  const found =
    engineOf(db) === 'postgres'
      ? sql`select found.place, found.id from (${begun}) as begun cross join lateral (
          ${listFrom(words, begunAt, limit)}) as found`
      : await eachAlone(db, words, begun, limit)
  if (!found) return []
  const { rows } = await sql<{ id: number }>`select id from (${found}) as found
    order by place ${words.direction}, id ${words.direction} limit ${limit}`.execute(db)
  return rows.map((row) => row.id)
}

type Words = ReturnType<typeof wordsFor>

function wordsFor({ table, owner, where, column, sort }: ManyLists) {
  const [of, place, id] = [owner, column, 'id'].map((name) => sql.ref(`${table}.${name}`))
  const direction = sql.raw(sort)
  return {
    table: sql.table(table),
    of: of!,
    where,
    place: place!,
    id: id!,
    direction,
    order: sql`${place} ${direction}, ${id} ${direction}`,
    // What is before a list's first row does not count and may be much, so it is not looked at again.
    behind: sql.raw(sort === 'asc' ? '>=' : '<='),
  }
}

/** Of the lists that begin first: whose they are, and the first row's place and number. */
function beginnings({ owners }: ManyLists, words: Words, limit: number): RawBuilder<Begun> {
  const { table, of, where, place, id, order } = words
  return sql`select list.owner, ${place} as place, ${id} as id from (
      select whose.id as owner, (select ${id} from ${table} where ${of} = whose.id and ${where} order by ${order} limit 1) as first
      from (${owners}) as whose) as list
    join ${table} on ${id} = list.first order by ${order} limit ${limit}`
}

interface Begun {
  readonly owner: unknown
  readonly place: unknown
  readonly id: unknown
}

const begunAt: Begun = {
  owner: sql.ref('begun.owner'),
  place: sql.ref('begun.place'),
  id: sql.ref('begun.id'),
}

/** A list from where it begins. */
const listFrom = ({ table, of, where, place, id, order, behind }: Words, at: Begun, limit: number) =>
  sql`select ${place} as place, ${id} as id from ${table}
    where ${of} = ${at.owner} and ${where} and (${place}, ${id}) ${behind} (${at.place}, ${at.id})
    order by ${order} limit ${limit}`

/** For an engine in which a query cannot look at the one beside it. */
async function eachAlone(db: Db, words: Words, begun: RawBuilder<Begun>, limit: number) {
  const { rows } = await begun.execute(db)
  const each = rows.map((at) => sql`select * from (${listFrom(words, at, limit)}) as list`)
  return rows.length === 0 ? undefined : sql`${sql.join(each, sql` union all `)}`
}
