import { z } from 'zod'
import { issueToken, mayKnowToken, rotateToken, withdrawToken } from '../core/access/issue-token.ts'
import type { MadeToken } from '../core/access/token-life.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { tokenList } from '../core/records/token-lists.ts'
import { findToken } from '../core/records/tokens.ts'
import type { TokenRow } from '../database/schema.ts'
import { forbidden, notFound } from '../lib/problem.ts'
import { numberId } from './parameters.ts'
import { signedIn } from './reach.ts'
import { listRoute, route, type Call } from './route.ts'
import {
  rotation,
  shownOnce,
  tokenFilter,
  tokenFilters,
  tokenJson,
  tokenShape,
  tokenWish,
} from './token-json.ts'

const tag = 'Personal access tokens'

const token = z.strictObject(tokenShape).meta({ id: 'PersonalAccessToken' })
const newToken = z.strictObject({ ...tokenShape, ...shownOnce }).meta({ id: 'NewPersonalAccessToken' })

const list = listRoute({
  method: 'GET',
  path: '/personal_access_tokens',
  summary: "The caller's tokens; administrators see everybody's",
  tag,
  needs: 'read',
  query: { user_id: numberId.optional(), ...tokenFilters },
  item: token,
  async run(call, window) {
    const person = signedIn(call)
    const asked = call.query.user_id
    if (!person.admin && asked !== undefined && asked !== person.userId) throw forbidden()
    const db = call.core.database.read
    const userId = person.admin ? asked : person.userId
    const query = tokenList(db, { kind: 'personal', userId, ...tokenFilter(call) })
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
  body: tokenWish,
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
  body: tokenWish,
  response: newToken,
  async run(call) {
    if (!signedIn(call).admin) throw forbidden()
    return issue(call, call.params.user_id)
  },
})

type Wish = { name: string; scopes: string[]; expires_at?: number | null | undefined }

async function issue(call: Call<object, object, Wish>, userId: number) {
  const { name, scopes, expires_at: expiresAt } = call.body
  return made(call, await issueToken(call, { userId, name, scopes, expiresAt: expiresAt ?? undefined }))
}

const made = (call: Call, { text, row }: MadeToken) => ({ ...tokenJson(call, row), token: text })

const rotateSelf = route({
  method: 'POST',
  path: '/personal_access_tokens/self/rotate',
  summary: 'Put a new token in the place of the one that makes this request',
  tag,
  needs: 'write',
  status: 200,
  body: rotation,
  response: newToken,
  async run(call) {
    const { id } = await known(call, signedIn(call).token?.id)
    return made(call, await rotateToken(call, id, call.body.expires_at ?? undefined))
  },
})

const rotate = route({
  method: 'POST',
  path: '/personal_access_tokens/:id/rotate',
  summary: 'Put a new token in the place of one: same name, same scopes',
  tag,
  needs: 'write',
  status: 200,
  params: { id: numberId },
  body: rotation,
  response: newToken,
  async run(call) {
    signedIn(call)
    return made(call, await rotateToken(call, call.params.id, call.body.expires_at ?? undefined))
  },
})

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

export const tokenRoutes = [list, self, one, createOwn, createFor, rotateSelf, rotate, revokeSelf, revoke]
