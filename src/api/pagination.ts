/** Offset pagination as GitLab has it: `page` and `per_page`, `X-Total` and its relatives, `Link` (RFC 8288). */
import { z } from 'zod'
import type { Core } from '../core/core.ts'
import type { Page, Window } from '../core/records/pages.ts'
import { keysetHeaders } from './keyset.ts'

const mostPerPage = 100

export const pageParameters = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  /** More than the most is taken for the most. */
  per_page: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(20)
    .transform((count) => Math.min(count, mostPerPage)),
}

interface Asked {
  readonly pagination?: 'offset' | 'keyset'
  readonly page: number
  readonly per_page: number
}

export function windowOf({ page, per_page: limit }: Asked): Window {
  return { offset: (page - 1) * limit, limit }
}

/** The headers of one page; totals are left out where the list is too long to be counted. */
export function pageHeaders(
  call: { readonly core: Core; readonly url: string; readonly query: Asked },
  list: Page<unknown>,
): Record<string, string> {
  if (call.query.pagination === 'keyset') return keysetHeaders(call, list)
  const { total, more } = list
  const { page, per_page: perPage } = call.query
  const last = total === undefined ? undefined : Math.max(1, Math.ceil(total / perPage))
  const to = (number: number) => addressOf(call, number)
  const links = [
    ...(page > 1 ? [`<${to(page - 1)}>; rel="prev"`] : []),
    ...(more ? [`<${to(page + 1)}>; rel="next"`] : []),
    `<${to(1)}>; rel="first"`,
    ...(last === undefined ? [] : [`<${to(last)}>; rel="last"`]),
  ]
  return {
    link: links.join(', '),
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-next-page': more ? String(page + 1) : '',
    'x-prev-page': page > 1 ? String(page - 1) : '',
    ...(total === undefined ? {} : { 'x-total': String(total), 'x-total-pages': String(last) }),
  }
}

/** The address asked for, on the public URL, with another page. */
function addressOf(
  { core, url, query }: { readonly core: Core; readonly url: string; readonly query: Asked },
  page: number,
): string {
  const [path = '', search = ''] = url.split('?', 2)
  const parameters = new URLSearchParams(search)
  parameters.set('page', String(page))
  parameters.set('per_page', String(query.per_page))
  return `${core.config.publicUrl}${path}?${parameters}`
}
