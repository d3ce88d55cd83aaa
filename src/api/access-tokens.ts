import { z } from 'zod'
import {
  issueOwnedToken,
  ownedToken,
  ownedTokenKind,
  rotateOwnedToken,
  withdrawOwnedToken,
} from '../core/access/owned-tokens.ts'
import { roles } from '../core/access/rights.ts'
import type { MadeToken } from '../core/access/token-life.ts'
import { memberOf } from '../core/owners/members.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { tokenList } from '../core/records/token-lists.ts'
import type { TokenRow } from '../database/schema.ts'
import { accessLevel, numberId, pathId } from './parameters.ts'
import { reachOwned, type What } from './reach-owned.ts'
import { listRoute, route, type Call, type Route } from './route.ts'
import {
  rotation,
  shownOnce,
  tokenFilter,
  tokenFilters,
  tokenJson,
  tokenShape,
  tokenWish,
} from './token-json.ts'

const tag = 'Project and group access tokens'

const shape = { ...tokenShape, access_level: z.int() }
const token = z.strictObject(shape).meta({ id: 'AccessToken' })
const newToken = z.strictObject({ ...shape, ...shownOnce }).meta({ id: 'NewAccessToken' })

const json = (call: Call, row: TokenRow) => ({ ...tokenJson(call, row), access_level: row.role ?? 0 })
const made = (call: Call, { text, row }: MadeToken) => ({ ...json(call, row), token: text })

const path = (what: What) => `/${what}s/:id/access_tokens`
const params = { id: pathId, token_id: numberId }

const readingRoutes = (what: What): Route[] => [
  listRoute({
    method: 'GET',
    path: path(what),
    summary: `Access tokens of a ${what}`,
    tag,
    needs: 'read',
    params: { id: pathId },
    query: tokenFilters,
    item: token,
    async run(call, window) {
      const owned = await reachOwned(call, what, 'review')
      const db = call.core.database.read
      const of = memberOf(owned)
      const query = tokenList(db, { kind: ownedTokenKind(owned, 'access'), of, ...tokenFilter(call) })
      return mapPage(await readPage(db, query, window), (row) => json(call, row))
    },
  }),
  route({
    method: 'GET',
    path: `${path(what)}/:token_id`,
    summary: `An access token of a ${what}`,
    tag,
    needs: 'read',
    params,
    response: token,
    async run(call) {
      const owned = await reachOwned(call, what, 'review')
      return json(call, await ownedToken(call.core.database.read, owned, 'access', call.params.token_id))
    },
  }),
]

const writingRoutes = (what: What): Route[] => [
  route({
    method: 'POST',
    path: path(what),
    summary: `Make an access token that acts with a role on a ${what}, and as nobody elsewhere`,
    tag,
    needs: 'write',
    params: { id: pathId },
    body: { ...tokenWish, access_level: accessLevel.default(roles.maintainer) },
    response: newToken,
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const { name, scopes, access_level: role, expires_at: expiresAt } = call.body
      const wish = { name, scopes, role, expiresAt: expiresAt ?? undefined }
      return made(call, await issueOwnedToken(call, owned, 'access', wish))
    },
  }),
  route({
    method: 'POST',
    path: `${path(what)}/:token_id/rotate`,
    summary: 'Put a new token in the place of one: same name, same scopes, same role',
    tag,
    needs: 'write',
    status: 200,
    params,
    body: rotation,
    response: newToken,
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const wish = { id: call.params.token_id, expiresAt: call.body.expires_at ?? undefined }
      return made(call, await rotateOwnedToken(call, owned, 'access', wish))
    },
  }),
  route({
    method: 'DELETE',
    path: `${path(what)}/:token_id`,
    summary: `Revoke an access token of a ${what}`,
    tag,
    needs: 'write',
    params,
    run: async (call) =>
      withdrawOwnedToken(call, await reachOwned(call, what, 'admin'), 'access', call.params.token_id),
  }),
]

export const accessTokenRoutes = (['project', 'group'] as const).flatMap((what) => [
  ...readingRoutes(what),
  ...writingRoutes(what),
])
