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
import { tokenList } from '../core/records/token-lists.ts'
import type { TokenRow } from '../database/schema.ts'
import { noun } from './noun.ts'
import { accessLevel } from './parameters.ts'
import { reachOwned, type What } from './reach-owned.ts'
import type { Call, Route } from './route.ts'
import {
  rotation,
  shownOnce,
  tokenFilter,
  tokenFilters,
  tokenJson,
  tokenShape,
  tokenWish,
} from './token-json.ts'

const shape = { ...tokenShape, access_level: z.int() }
const token = z.strictObject(shape).meta({ id: 'AccessToken' })
const newToken = z.strictObject({ ...shape, ...shownOnce }).meta({ id: 'NewAccessToken' })

const json = (row: TokenRow, call: Call) => ({ ...tokenJson(call, row), access_level: row.role ?? 0 })
const made = (call: Call, { text, row }: MadeToken) => ({ ...json(row, call), token: text })

function routesOf(what: What): Route[] {
  const { list, one, create, remove, act } = noun({
    tag: 'Project and group access tokens',
    path: `/${what}s/:id/access_tokens`,
    number: 'token_id',
    item: token,
    reach: (call, how) => reachOwned(call, what, how),
  })
  return [
    list({
      summary: `Access tokens of a ${what}`,
      query: tokenFilters,
      rows(call, owned) {
        const which = { kind: ownedTokenKind(owned, 'access'), of: memberOf(owned) }
        return tokenList(call.core.database.read, { ...which, ...tokenFilter(call) })
      },
      json,
    }),
    one({
      summary: `An access token of a ${what}`,
      run: async (call, owned, id) =>
        json(await ownedToken(call.core.database.read, owned, 'access', id), call),
    }),
    create({
      summary: `Make an access token that acts with a role on a ${what}, and as nobody elsewhere`,
      body: { ...tokenWish, access_level: accessLevel.default(roles.maintainer) },
      response: newToken,
      async run(call, owned) {
        const { name, scopes, access_level: role, expires_at: expiresAt } = call.body
        const wish = { name, scopes, role, expiresAt: expiresAt ?? undefined }
        return made(call, await issueOwnedToken(call, owned, 'access', wish))
      },
    }),
    act('rotate', {
      summary: 'Put a new token in the place of one: same name, same scopes, same role',
      body: rotation,
      response: newToken,
      async run(call, owned, id) {
        const wish = { id, expiresAt: call.body.expires_at ?? undefined }
        return made(call, await rotateOwnedToken(call, owned, 'access', wish))
      },
    }),
    remove({
      summary: `Revoke an access token of a ${what}`,
      run: (call, owned, id) => withdrawOwnedToken(call, owned, 'access', id),
    }),
  ]
}

export const accessTokenRoutes = [...routesOf('project'), ...routesOf('group')]
