/** Keyset pagination as GitLab has it: `pagination=keyset`, and the next page in `Link` (RFC 8288), by an opaque cursor. */
import { z } from 'zod'
import type { Core } from '../core/core.ts'
import type { KeysetWindow } from '../core/records/keyset.ts'
import { sort } from './parameters.ts'
import { badParameter } from './validation.ts'

export const keysetParameters = {
  pagination: z.enum(['offset', 'keyset']).default('offset').describe('keyset: for long lists'),
  cursor: z.string().max(100).optional().describe('from the Link header; for pagination=keyset'),
  order_by: z.literal('id').default('id'),
  sort: sort.default('desc'),
}

interface KeysetAsked {
  readonly per_page: number
  readonly cursor?: string | undefined
  readonly sort: 'asc' | 'desc'
}

/** Throws 400 for a cursor that is none of ours. */
export function keysetWindow({ cursor, per_page: limit, sort: order }: KeysetAsked): KeysetWindow {
  return { after: cursor === undefined ? undefined : numberIn(cursor), limit, sort: order }
}

function numberIn(cursor: string): number {
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
