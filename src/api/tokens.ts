import { z } from 'zod'
import { issueToken, mayKnowToken, withdrawToken } from '../core/access/issue-token.ts'
import { scopes as allScopes } from '../core/access/principal.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { tokenList } from '../core/records/token-lists.ts'
import { findToken } from '../core/records/tokens.ts'
import type { TokenRow } from '../database/schema.ts'
import { forbidden, notFound } from '../lib/problem.ts'
import {
  day,
  dayOrNull,
  expiryDay,
  flag,
  label,
  numberId,
  searchText,
  time,
  timeOf,
  timeOrNull,
} from './parameters.ts'
import { signedIn } from './reach.ts'
import { listRoute, route, type Call } from './route.ts'

const tag = 'Personal access tokens'

const token = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    revoked: z.boolean(),
    created_at: time,
    scopes: z.array(z.string()),
    user_id: z.int().nullable(),
    last_used_at: time.nullable(),
    active: z.boolean(),
    expires_at: day.nullable(),
  })
  .meta({ id: 'PersonalAccessToken' })
const newToken = z
  .strictObject({ ...token.shape, token: z.string().describe('shown only now') })
  .meta({ id: 'NewPersonalAccessToken' })

const wish = {
  name: label,
  scopes: z
    .union([z.array(z.enum(allScopes)), z.enum(allScopes).transform((scope) => [scope])])
    .describe('what the token may do at most'),
  expires_at: expiryDay.nullish().describe('left out: the longest allowed'),
}

function tokenJson({ core }: Call, row: TokenRow) {
  const isExpired = row.expires_at !== null && row.expires_at <= core.clock()
  return {
    id: row.id,
    name: row.name,
    revoked: row.revoked_at !== null,
    created_at: timeOf(row.created_at),
    scopes: row.scopes.split(' '),
    user_id: row.user_id!,
    last_used_at: timeOrNull(row.last_used_at),
    active: row.revoked_at === null && !isExpired,
    expires_at: dayOrNull(row.expires_at),
  }
}

const list = listRoute({
  method: 'GET',
  path: '/personal_access_tokens',
  summary: "The caller's tokens; administrators see everybody's",
  tag,
  needs: 'read',
  query: {
    user_id: numberId.optional(),
    state: z.enum(['active', 'inactive']).optional(),
    revoked: flag.optional(),
    search: searchText.optional(),
  },
  item: token,
  async run(call, window) {
    const person = signedIn(call)
    const { state, revoked, search, user_id: asked } = call.query
    if (!person.admin && asked !== undefined && asked !== person.userId) throw forbidden()
    const db = call.core.database.read
    const userId = person.admin ? asked : person.userId
    const active = state === undefined ? undefined : state === 'active'
    const query = tokenList(db, { userId, revoked, active, search, now: call.core.clock() })
    return mapPage(await readPage(db, query, window), (row) => tokenJson(call, row))
  },
})

async function known(call: Call, id: number | undefined): Promise<TokenRow> {
  signedIn(call)
  const row = id === undefined ? undefined : await findToken(call.core.database.read, id)
  if (row?.kind !== 'personal' || !mayKnowToken(call, row)) throw notFound('404 Token Not Found')
  return row
}

const self = route({
  method: 'GET',
  path: '/personal_access_tokens/self',
  summary: 'The token that makes this request, whatever its scopes',
  tag,
  needs: 'token',
  response: token,
  run: async (call) => tokenJson(call, await known(call, signedIn(call).token?.id)),
})

const one = route({
  method: 'GET',
  path: '/personal_access_tokens/:id',
  summary: 'A token',
  tag,
  needs: 'read',
  params: { id: numberId },
  response: token,
  run: async (call) => tokenJson(call, await known(call, call.params.id)),
})

const createOwn = route({
  method: 'POST',
  path: '/user/personal_access_tokens',
  summary: 'Make a token of your own',
  tag,
  needs: 'write',
  body: wish,
  response: newToken,
  run: (call) => issue(call, signedIn(call).userId),
})

const createFor = route({
  method: 'POST',
  path: '/users/:user_id/personal_access_tokens',
  summary: 'Make a token for a user (administrators)',
  tag,
  needs: 'write',
  params: { user_id: numberId },
  body: wish,
  response: newToken,
  async run(call) {
    if (!signedIn(call).admin) throw forbidden()
    return issue(call, call.params.user_id)
  },
})

type Wish = { name: string; scopes: string[]; expires_at?: number | null | undefined }

async function issue(call: Call<object, object, Wish>, userId: number) {
  const { name, scopes, expires_at: expiresAt } = call.body
  const { text, row } = await issueToken(call, { userId, name, scopes, expiresAt: expiresAt ?? undefined })
  return { ...tokenJson(call, row), token: text }
}

const revokeSelf = route({
  method: 'DELETE',
  path: '/personal_access_tokens/self',
  summary: 'Revoke the token that makes this request',
  tag,
  needs: 'token',
  run: async (call) => withdrawToken(call, (await known(call, signedIn(call).token?.id)).id),
})

const revoke = route({
  method: 'DELETE',
  path: '/personal_access_tokens/:id',
  summary: 'Revoke a token',
  tag,
  needs: 'write',
  params: { id: numberId },
  run: (call) => withdrawToken(call, call.params.id),
})

export const tokenRoutes = [list, self, one, createOwn, createFor, revokeSelf, revoke]
