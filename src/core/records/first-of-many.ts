/**
 * The first rows of many lists that are each in order already, such as the packages of thousands of projects by the
 * time of their publication: without sorting all of them.
 */
import { sql, type Expression, type RawBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'

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
  const { owners, where } = many
  const table = sql.table(many.table)
  const column = sql.ref(`${many.table}.${many.column}`)
  const id = sql.ref(`${many.table}.id`)
  const direction = sql.raw(many.sort)
  const order = sql`${column} ${direction}, ${id} ${direction}`
  const listOf = (owner: RawBuilder<unknown>) =>
    sql`from ${table} where ${sql.ref(`${many.table}.${many.owner}`)} = ${owner} and ${where} order by ${order}`
  const begun = sql`select list.id as owner, (select ${id} ${listOf(sql.ref('list.id'))} limit 1) as first
    from (${owners}) as list`
  const { rows: lists } = await sql<{ owner: number; place: unknown; id: number }>`select begun.owner,
    ${column} as place, ${id} as id from (${begun}) as begun
    join ${table} on ${id} = begun.first order by ${order} limit ${limit}`.execute(db)
  if (lists.length === 0) return []
  // What is before a list's first row does not count and may be much, so it is not looked at again.
  const from = sql.raw(many.sort === 'asc' ? '>=' : '<=')
  const beginnings = lists.map(
    (list) =>
      sql`select * from (select ${column} as place, ${id} as id ${listOf(sql`${list.owner}
        and (${column}, ${id}) ${from} (${list.place}, ${list.id})`)} limit ${limit}) as list`,
  )
  const { rows } = await sql<{
    id: number
  }>`select id from (${sql.join(beginnings, sql` union all `)}) as found
    order by place ${direction}, id ${direction} limit ${limit}`.execute(db)
  return rows.map((row) => row.id)
}
