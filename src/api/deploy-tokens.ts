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
import { mapPage, readPage } from '../core/records/pages.ts'
import { tokenList } from '../core/records/token-lists.ts'
import type { TokenRow } from '../database/schema.ts'
import { forbidden } from '../lib/problem.ts'
import { noun } from './noun.ts'
import { flag, label, moment, time, timeOf, timeOrNull } from './parameters.ts'
import { reachOwned, type What } from './reach-owned.ts'
import { signedIn } from './reach.ts'
import { listRoute, type Call, type Route } from './route.ts'
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

function json(row: TokenRow, { core }: Call) {
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
const made = (call: Call, { text, row }: MadeToken) => ({ ...json(row, call), token: text })

type Filters = { readonly active?: boolean | undefined }

const filters = { active: flag.optional().describe('neither revoked nor expired') }
const rowsOf = ({ core, query }: Call<object, Filters>, of?: MemberOf) =>
  tokenList(core.database.read, { kind: 'deploy', of, active: query.active, now: core.clock() })

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
    return mapPage(await readPage(call.core.database.read, rowsOf(call), window), (row) => json(row, call))
  },
})

function routesOf(what: What): Route[] {
  const { list, one, create, remove, act } = noun({
    tag,
    path: `/${what}s/:id/deploy_tokens`,
    number: 'token_id',
    item: token,
    reach: (call, how) => reachOwned(call, what, how),
  })
  return [
    list({
      summary: `Deploy tokens of a ${what}`,
      query: filters,
      rows: (call, owned) => rowsOf(call, memberOf(owned)),
      json,
    }),
    one({
      summary: `A deploy token of a ${what}`,
      run: async (call, owned, id) =>
        json(await ownedToken(call.core.database.read, owned, 'deploy', id), call),
    }),
    create({
      summary: `Make a deploy token that pulls, or pulls and pushes, packages of a ${what}`,
      body: {
        name: label,
        username: z.string().min(1).max(255).nullish().describe('left out: entrepot+deploy-token-<id>'),
        scopes: oneOrMore(deployScopes),
        expires_at: moment.nullish().describe('left out: the longest allowed'),
      },
      response: newToken,
      async run(call, owned) {
        const { name, scopes, username, expires_at: expiresAt } = call.body
        const wish = { name, scopes, username: username ?? undefined, expiresAt: expiresAt ?? undefined }
        return made(call, await issueOwnedToken(call, owned, 'deploy', wish))
      },
    }),
    act('rotate', {
      summary: 'Put a new token in the place of one: same name, same user name, same scopes',
      body: { expires_at: moment.nullish().describe('left out: it lives as long as the old one was given') },
      response: newToken,
      async run(call, owned, id) {
        const wish = { id, expiresAt: call.body.expires_at ?? undefined }
        return made(call, await rotateOwnedToken(call, owned, 'deploy', wish))
      },
    }),
    remove({
      summary: `Revoke a deploy token of a ${what}`,
      run: (call, owned, id) => withdrawOwnedToken(call, owned, 'deploy', id),
    }),
  ]
}

export const deployTokenRoutes = [everywhere, ...routesOf('project'), ...routesOf('group')]
