/** Keyset pagination as GitLab has it: `pagination=keyset`, and the next page in `Link` (RFC 8288), by an opaque cursor. */
import type { SelectQueryBuilder } from 'kysely'
import { z } from 'zod'
import type { Core } from '../core/core.ts'
import { readKeyset, type KeysetWindow } from '../core/records/keyset.ts'
import { readPage, type Page, type Window } from '../core/records/pages.ts'
import type { Db } from '../database/database.ts'
import { sort } from './parameters.ts'
import { badParameter } from './validation.ts'

/** For lists that have other orders, too: keyset pages come in the order of `id` only. */
export const keysetChoice = {
  pagination: z
    .enum(['offset', 'keyset'])
    .default('offset')
    .describe('keyset: for long lists, with order_by=id'),
  cursor: z.string().max(100).optional().describe('from the Link header; for pagination=keyset'),
}
export const keysetParameters = {
  ...keysetChoice,
  order_by: z.literal('id').default('id'),
  sort: sort.default('desc'),
}

interface KeysetAsked {
  readonly per_page: number
  readonly cursor?: string | undefined
  readonly sort: 'asc' | 'desc'
}

/** What a query of a list with `keysetChoice` says about its page. */
export interface PageAsked {
  readonly pagination: 'offset' | 'keyset'
  readonly cursor?: string | undefined
  readonly order_by: string
  readonly sort: 'asc' | 'desc'
}

/** Reads the page that is asked for, by offset or by keyset. Throws 400 for keyset in another order than that of `id`. */
export function readAskedPage<O extends { readonly id: number }>(
  db: Db,
  rows: SelectQueryBuilder<any, any, O>,
  idColumn: string,
  asked: PageAsked,
  window: Window,
): Promise<Page<O>> {
  if (asked.pagination === 'offset') return readPage<O>(db, rows, window)
  demandIdOrder(asked)
  return readKeyset<O>(rows, idColumn, keysetWindow({ ...asked, per_page: window.limit }))
}

/** Where a list goes on by keyset; undefined: it is asked for by offset. Throws 400 for another order than that of `id`. */
export function askedAfter(asked: PageAsked): { readonly after: number | undefined } | undefined {
  if (asked.pagination === 'offset') return undefined
  demandIdOrder(asked)
  return { after: afterOf(asked.cursor) }
}

function demandIdOrder(asked: PageAsked): void {
  if (asked.order_by !== 'id') throw badParameter('order_by must be id where pagination is keyset')
}

/** Throws 400 for a cursor that is none of ours. */
export function keysetWindow({ cursor, per_page: limit, sort: order }: KeysetAsked): KeysetWindow {
  return { after: afterOf(cursor), limit, sort: order }
}

function afterOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const number = Buffer.from(cursor, 'base64url').toString('latin1')
  if (!/^id:\d{1,15}$/.test(number)) throw badParameter('cursor is invalid')
  return Number(number.slice(3))
}

/** The header of one page: only the next one can be had. */
export function keysetHeaders(
  { core, url }: { readonly core: Core; readonly url: string },
  { items, more }: { readonly items: readonly unknown[]; readonly more: boolean },
): Record<string, string> {
  const last = items.at(-1)
  if (!more || last === undefined) return {}
  const [path = '', search = ''] = url.split('?', 2)
  const parameters = new URLSearchParams(search)
  parameters.delete('page')
  parameters.set('cursor', Buffer.from(`id:${(last as { id: number }).id}`).toString('base64url'))
  return { link: `<${core.config.publicUrl}${path}?${parameters}>; rel="next"` }
}
