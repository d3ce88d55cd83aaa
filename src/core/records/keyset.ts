/** Pages of lists in the order of their numbers, each beginning where the last one ended: as quick far back as in front. */
import type { SelectQueryBuilder } from 'kysely'
import type { Page } from './pages.ts'

export interface KeysetWindow {
  /** The number of the last row of the page before; undefined: from the beginning. */
  readonly after: number | undefined
  readonly limit: number
  readonly sort: 'asc' | 'desc'
}

/** Reads one page of a query that is ordered by `column` as the window says. */
export async function readKeyset<O extends { readonly id: number }>(
  query: SelectQueryBuilder<any, any, O>,
  column: string,
  { after, limit, sort }: KeysetWindow,
): Promise<Page<O>> {
  const rest = after === undefined ? query : query.where(column, sort === 'asc' ? '>' : '<', after)
  const rows = await rest.limit(limit + 1).execute()
  return { items: rows.slice(0, limit), total: undefined, more: rows.length > limit }
}
