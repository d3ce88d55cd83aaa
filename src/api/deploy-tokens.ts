import { z } from 'zod'
import {
  deployScopes,
  issueOwnedToken,
  ownedToken,
  rotateOwnedToken,
  withdrawOwnedToken,
} from '../core/access/owned-tokens.ts'
import type { MadeToken } from '../core/access/token-life.ts'
import { memberOf } from '../core/owners/members.ts'
import type { MemberOf } from '../core/records/members.ts'
import { mapPage, readPage, type Window } from '../core/records/pages.ts'
import { tokenList } from '../core/records/token-lists.ts'
import type { TokenRow } from '../database/schema.ts'
import { forbidden } from '../lib/problem.ts'
import { flag, label, moment, numberId, pathId, time, timeOf, timeOrNull } from './parameters.ts'
import { reachOwned, type What } from './reach-owned.ts'
import { signedIn } from './reach.ts'
import { listRoute, route, type Call, type Route } from './route.ts'
import { oneOrMore, shownOnce } from './token-json.ts'

const tag = 'Deploy tokens'

const shape = {
  id: z.int(),
  name: z.string(),
  username: z.string().describe('what Basic must bring beside the token'),
  created_at: time,
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
  scopes: z.array(z.string()),
  revoked: z.boolean(),
  expired: z.boolean(),
}
const token = z.strictObject(shape).meta({ id: 'DeployToken' })
const newToken = z.strictObject({ ...shape, ...shownOnce }).meta({ id: 'NewDeployToken' })

function json({ core }: Call, row: TokenRow) {
  return {
    id: row.id,
    name: row.name,
    username: row.username ?? '',
    created_at: timeOf(row.created_at),
    expires_at: timeOrNull(row.expires_at),
    last_used_at: timeOrNull(row.last_used_at),
    scopes: row.scopes.split(' '),
    revoked: row.revoked_at !== null,
    expired: row.expires_at !== null && row.expires_at <= core.clock(),
  }
}
const made = (call: Call, { text, row }: MadeToken) => ({ ...json(call, row), token: text })

const filters = { active: flag.optional().describe('neither revoked nor expired') }

async function page(
  call: Call<object, { readonly active?: boolean | undefined }>,
  window: Window,
  of?: MemberOf,
) {
  const db = call.core.database.read
  const { active } = call.query
  const query = tokenList(db, { kind: 'deploy', ...(of ? { of } : {}), active, now: call.core.clock() })
  return mapPage(await readPage(db, query, window), (row) => json(call, row))
}

const everywhere = listRoute({
  method: 'GET',
  path: '/deploy_tokens',
  summary: 'Deploy tokens of all projects and groups (administrators)',
  tag,
  needs: 'read',
  query: filters,
  item: token,
  async run(call, window) {
    if (!signedIn(call).admin) throw forbidden()
    return page(call, window)
  },
})

const path = (what: What) => `/${what}s/:id/deploy_tokens`
const params = { id: pathId, token_id: numberId }

const readingRoutes = (what: What): Route[] => [
  listRoute({
    method: 'GET',
    path: path(what),
    summary: `Deploy tokens of a ${what}`,
    tag,
    needs: 'read',
    params: { id: pathId },
    query: filters,
    item: token,
    run: async (call, window) => page(call, window, memberOf(await reachOwned(call, what, 'review'))),
  }),
  route({
    method: 'GET',
    path: `${path(what)}/:token_id`,
    summary: `A deploy token of a ${what}`,
    tag,
    needs: 'read',
    params,
    response: token,
    async run(call) {
      const owned = await reachOwned(call, what, 'review')
      return json(call, await ownedToken(call.core.database.read, owned, 'deploy', call.params.token_id))
    },
  }),
]

const writingRoutes = (what: What): Route[] => [
  route({
    method: 'POST',
    path: path(what),
    summary: `Make a deploy token that pulls, or pulls and pushes, packages of a ${what}`,
    tag,
    needs: 'write',
    params: { id: pathId },
    body: {
      name: label,
      username: z.string().min(1).max(255).nullish().describe('left out: entrepot+deploy-token-<id>'),
      scopes: oneOrMore(deployScopes),
      expires_at: moment.nullish().describe('left out: the longest allowed'),
    },
    response: newToken,
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const { name, scopes, username, expires_at: expiresAt } = call.body
      const wish = { name, scopes, username: username ?? undefined, expiresAt: expiresAt ?? undefined }
      return made(call, await issueOwnedToken(call, owned, 'deploy', wish))
    },
  }),
  route({
    method: 'POST',
    path: `${path(what)}/:token_id/rotate`,
    summary: 'Put a new token in the place of one: same name, same user name, same scopes',
    tag,
    needs: 'write',
    status: 200,
    params,
    body: { expires_at: moment.nullish().describe('left out: it lives as long as the old one was given') },
    response: newToken,
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const wish = { id: call.params.token_id, expiresAt: call.body.expires_at ?? undefined }
      return made(call, await rotateOwnedToken(call, owned, 'deploy', wish))
    },
  }),
  route({
    method: 'DELETE',
    path: `${path(what)}/:token_id`,
    summary: `Revoke a deploy token of a ${what}`,
    tag,
    needs: 'write',
    params,
    run: async (call) =>
      withdrawOwnedToken(call, await reachOwned(call, what, 'admin'), 'deploy', call.params.token_id),
  }),
]

export const deployTokenRoutes = [
  everywhere,
  ...(['project', 'group'] as const).flatMap((what) => [...readingRoutes(what), ...writingRoutes(what)]),
]
