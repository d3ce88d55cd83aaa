/** One page of a list. */
import { sql, type SelectQueryBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'

/** Which rows of a list are asked for. */
export interface Window {
  readonly offset: number
  readonly limit: number
}
export interface Page<T> {
  readonly items: readonly T[]
  /** How many there are in all; undefined: more than are worth counting. */
  readonly total: number | undefined
  /** Whether there are rows behind these. */
  readonly more: boolean
}

/** Longer lists are not counted to their end. */
export const mostCounted = 10_000

/** Reads the rows in the window and counts them all. The query says in which order. */
export async function readPage<O>(
  db: Db,
  query: SelectQueryBuilder<any, any, O>,
  window: Window,
): Promise<Page<O>> {
  const rows = await query
    .offset(window.offset)
    .limit(window.limit + 1)
    .execute()
  const some = query
    .clearSelect()
    .clearOrderBy()
    .select(sql<number>`1`.as('one'))
    .limit(mostCounted + 1)
  const { count } = await db
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return {
    items: rows.slice(0, window.limit),
    total: Number(count) > mostCounted ? undefined : Number(count),
    more: rows.length > window.limit,
  }
}

/** The same page with each item as something else. */
export function mapPage<T, U>(page: Page<T>, turn: (item: T) => U): Page<U> {
  return { ...page, items: page.items.map(turn) }
}

/** A LIKE pattern (with `escape '\'`) for text that contains this, compared in lower case. */
export const containing = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, String.raw`\$&`)}%`
