import { sql, type Expression } from 'kysely'
import type { Db } from '../../database/database.ts'
import { mostCounted, type Window } from './pages.ts'

interface Order {
  /** About the rows of `found`. */
  readonly place: Expression<unknown>
  readonly sort: 'asc' | 'desc'
}

/**
 * A page of what a query finds (rows of `id`), in the order of `place`, and how many it finds: in one
 * statement that looks at each once. Where there are more than `mostCounted`, `count` is one more and the page is left out.
 */
export async function countedPage(
  db: Db,
  query: Expression<unknown>,
  { place, sort, offset, limit }: Order & Window,
): Promise<{ readonly count: number; readonly ids?: readonly number[] }> {
  const direction = sql.raw(sort)
  const { rows } = await sql<{ id: number | null; count: number }>`
    with found as materialized (select * from (${query}) as listed limit ${mostCounted + 1})
    select counted.count, page.id from (select count(*) as count from found) as counted
    left join (select found.id, ${place} as place from found where (select count(*) from found) <= ${mostCounted}
      order by place ${direction}, id ${direction}
      limit ${limit} offset ${offset}) as page on 1 = 1
    order by page.place ${direction}, page.id ${direction}`.execute(db)
  const count = Number(rows[0]!.count)
  return count > mostCounted ? { count } : { count, ids: rows.flatMap(({ id }) => id ?? []) }
}
