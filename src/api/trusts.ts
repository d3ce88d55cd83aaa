import { z } from 'zod'
import { scopes as allScopes } from '../core/access/principal.ts'
import { roles } from '../core/access/rights.ts'
import { tryIdToken } from '../core/access/trusts/try-token.ts'
import { memberOf } from '../core/owners/members.ts'
import { addTrust, changeTrust, dropTrust } from '../core/owners/trusts.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { findTrust, trustsOf } from '../core/records/trusts.ts'
import type { TrustRow } from '../database/schema.ts'
import { notFound } from '../lib/problem.ts'
import { accessLevel, label, numberId, pathId, time, timeOf } from './parameters.ts'
import { reachOwned, type What } from './reach-owned.ts'
import { listRoute, route, type Call, type Route } from './route.ts'

const tag = 'Trusts'
export const idTokenText = z
  .string()
  .min(1)
  .max(16 * 1024)
  .describe("the CI job's ID token")

const conditions = z.record(z.string(), z.string())
const trust = z
  .strictObject({
    id: z.int(),
    project_id: z.int().nullable(),
    group_id: z.int().nullable(),
    name: z.string(),
    issuer: z.string(),
    conditions,
    access_level: z.int(),
    scopes: z.array(z.string()),
    name_patterns: z.array(z.string()).nullable(),
    created_at: time,
  })
  .meta({ id: 'Trust' })

const trustJson = (row: TrustRow): z.input<typeof trust> => ({
  id: row.id,
  project_id: row.project_id,
  group_id: row.group_id,
  name: row.name,
  issuer: row.issuer,
  conditions: JSON.parse(row.conditions),
  access_level: row.role,
  scopes: row.scopes.split(' '),
  name_patterns: row.name_patterns === null ? null : JSON.parse(row.name_patterns),
  created_at: timeOf(row.created_at),
})

const fields = {
  name: label,
  issuer: z.string().min(1).max(1024).describe('as it stands in the ID tokens (iss)'),
  conditions: conditions.describe(
    'by claim, or path of claims with dots between: a pattern in which * stands for any text; one must pin whose jobs are meant',
  ),
  access_level: accessLevel,
  scopes: z.array(z.enum(allScopes)),
  name_patterns: z.array(label).nullable().describe('the names that its jobs may write; null: all'),
}
const wish = {
  ...fields,
  access_level: accessLevel.default(roles.developer),
  scopes: fields.scopes.default(['write_package_registry']),
  name_patterns: fields.name_patterns.default(null),
}
const change = z.object(fields).partial().shape

const path = (what: What) => `/${what}s/:id/trusts`
const params = { id: pathId, trust_id: numberId }
type One = Call<{ readonly id: string; readonly trust_id: number }>

async function known(call: One, what: What): Promise<TrustRow> {
  const owned = await reachOwned(call, what, 'review')
  const row = await findTrust(call.core.database.read, memberOf(owned), call.params.trust_id)
  if (!row) throw notFound('404 Trust Not Found')
  return row
}

const readingRoutes = (what: What): Route[] => [
  listRoute({
    method: 'GET',
    path: path(what),
    summary: `Which CI jobs a ${what} trusts`,
    tag,
    needs: 'read',
    params: { id: pathId },
    item: trust,
    async run(call, window) {
      const owned = await reachOwned(call, what, 'review')
      const db = call.core.database.read
      const query = trustsOf(db, memberOf(owned)).selectAll().orderBy('id')
      return mapPage(await readPage(db, query, window), trustJson)
    },
  }),
  route({
    method: 'GET',
    path: `${path(what)}/:trust_id`,
    summary: `A trust of a ${what}`,
    tag,
    needs: 'read',
    params,
    response: trust,
    run: async (call) => trustJson(await known(call, what)),
  }),
]

const writingRoutes = (what: What): Route[] => [
  route({
    method: 'POST',
    path: path(what),
    summary: `Let CI jobs in: exchange the ID tokens of an issuer for tokens that act on a ${what}`,
    tag,
    needs: 'write',
    params: { id: pathId },
    body: wish,
    response: trust,
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const { access_level: role, name_patterns: namePatterns, ...rest } = call.body
      return trustJson(await addTrust(call, owned, { ...rest, role, namePatterns }))
    },
  }),
  route({
    method: 'PUT',
    path: `${path(what)}/:trust_id`,
    summary: 'Change a trust; another issuer or other conditions end the tokens of its jobs',
    tag,
    needs: 'write',
    params,
    body: change,
    response: trust,
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const { access_level: role, name_patterns: namePatterns, ...rest } = call.body
      const given = Object.entries({ ...rest, role, namePatterns }).filter(([, value]) => value !== undefined)
      return trustJson(await changeTrust(call, owned, call.params.trust_id, Object.fromEntries(given)))
    },
  }),
  route({
    method: 'DELETE',
    path: `${path(what)}/:trust_id`,
    summary: 'Drop a trust and end the tokens of its jobs',
    tag,
    needs: 'write',
    params,
    run: async (call) => dropTrust(call, await reachOwned(call, what, 'admin'), call.params.trust_id),
  }),
]

const verdict = z
  .strictObject({
    accepted: z.boolean(),
    reason: z.string().nullable().describe('what is wrong first'),
    conditions: z.array(
      z.strictObject({
        claim: z.string(),
        pattern: z.string(),
        value: z.string().nullable(),
        met: z.boolean(),
      }),
    ),
    claims: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'TrustVerdict' })

const dryRun = (what: What) =>
  route({
    method: 'POST',
    path: `${path(what)}/:trust_id/dry_run`,
    summary: 'Try an ID token on a trust without using it up: which condition fails',
    tag,
    needs: 'read',
    status: 200,
    params,
    body: { id_token: idTokenText },
    response: verdict,
    async run(call) {
      const {
        accepted,
        reason,
        conditions: judged,
        claims,
      } = await tryIdToken(call.core, await known(call, what), call.body.id_token)
      const shown = judged.map((one) => ({ ...one, value: one.value ?? null }))
      return { accepted, reason: reason ?? null, conditions: shown, claims }
    },
  })

export const trustRoutes = (['project', 'group'] as const).flatMap((what) => [
  ...readingRoutes(what),
  ...writingRoutes(what),
  dryRun(what),
])
