/** What requests and answers about tokens have in common. */
import { z } from 'zod'
import { scopes as allScopes } from '../core/access/principal.ts'
import { isAlive } from '../core/access/token-life.ts'
import type { TokenRow } from '../database/schema.ts'
import { day, dayOrNull, expiryDay, flag, label, searchText, time, timeOf, timeOrNull } from './parameters.ts'
import type { Call } from './route.ts'

/** A token as lists show it. */
export const tokenShape = {
  id: z.int(),
  name: z.string(),
  revoked: z.boolean(),
  created_at: time,
  scopes: z.array(z.string()),
  user_id: z.int().nullable(),
  last_used_at: time.nullable(),
  active: z.boolean(),
  expires_at: day.nullable(),
}
/** What the answer that made a token has beside it. */
export const shownOnce = { token: z.string().describe('shown only now') }

/** One or several of these scopes. */
export const oneOrMore = <const T extends readonly string[]>(choice: T) =>
  z
    .union([z.array(z.enum(choice)), z.enum(choice).transform((scope) => [scope])])
    .describe('what the token may do at most')
export const tokenWish = {
  name: label,
  scopes: oneOrMore(allScopes),
  expires_at: expiryDay.nullish().describe('left out: the longest allowed'),
}
/** What replacing a token may say. */
export const rotation = {
  expires_at: expiryDay.nullish().describe('left out: it lives as long as the old one was given'),
}
/** What lists of tokens are narrowed by. */
export const tokenFilters = {
  state: z.enum(['active', 'inactive']).optional(),
  revoked: flag.optional(),
  search: searchText.optional().describe('part of the name'),
}

interface Filters {
  readonly state?: 'active' | 'inactive' | undefined
  readonly revoked?: boolean | undefined
  readonly search?: string | undefined
}

/** The filter of the records that such a query stands for. */
export function tokenFilter({ core, query: { state, revoked, search } }: Call<object, Filters>) {
  const active = state === undefined ? undefined : state === 'active'
  return { revoked, search, active, now: core.clock() }
}

export function tokenJson({ core }: Pick<Call, 'core'>, row: TokenRow) {
  return {
    id: row.id,
    name: row.name,
    revoked: row.revoked_at !== null,
    created_at: timeOf(row.created_at),
    scopes: row.scopes.split(' '),
    user_id: row.user_id,
    last_used_at: timeOrNull(row.last_used_at),
    active: isAlive(row, core.clock()),
    expires_at: dayOrNull(row.expires_at),
  }
}
