import { z } from 'zod'
import { scopes as allScopes } from '../core/access/principal.ts'
import { roles } from '../core/access/rights.ts'
import { tryIdToken } from '../core/access/trusts/try-token.ts'
import { found } from '../core/owners/manage.ts'
import { memberOf, type Owned } from '../core/owners/members.ts'
import { addTrust, changeTrust, dropTrust } from '../core/owners/trusts.ts'
import { findTrust, trustsOf } from '../core/records/trusts.ts'
import type { TrustRow } from '../database/schema.ts'
import { noun } from './noun.ts'
import { accessLevel, given, label, time, timeOf } from './parameters.ts'
import { reachOwned, type What } from './reach-owned.ts'
import type { Call, Route } from './route.ts'

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

function routesOf(what: What): Route[] {
  const { list, one, create, change, remove, act } = noun({
    tag: 'Trusts',
    path: `/${what}s/:id/trusts`,
    number: 'trust_id',
    item: trust,
    reach: (call, how) => reachOwned(call, what, how),
  })
  return [
    list({
      summary: `Which CI jobs a ${what} trusts`,
      rows: ({ core }, owned) => trustsOf(core.database.read, memberOf(owned)).selectAll().orderBy('id'),
      json: trustJson,
    }),
    one({
      summary: `A trust of a ${what}`,
      run: async (call, owned, id) => trustJson(await existing(call, owned, id)),
    }),
    create({
      summary: `Let CI jobs in: exchange the ID tokens of an issuer for tokens that act on a ${what}`,
      body: wish,
      async run(call, owned) {
        const { access_level: role, name_patterns: namePatterns, ...rest } = call.body
        return trustJson(await addTrust(call, owned, { ...rest, role, namePatterns }))
      },
    }),
    change({
      method: 'PUT',
      summary: 'Change a trust; another issuer or other conditions end the tokens of its jobs',
      body: z.object(fields).partial().shape,
      async run(call, owned, id) {
        const { access_level: role, name_patterns: namePatterns, ...rest } = call.body
        return trustJson(await changeTrust(call, owned, id, given({ ...rest, role, namePatterns })))
      },
    }),
    remove({ summary: 'Drop a trust and end the tokens of its jobs', run: dropTrust }),
    act('dry_run', {
      summary: 'Try an ID token on a trust without using it up: which condition fails',
      how: 'read',
      body: { id_token: idTokenText },
      response: verdict,
      async run(call, owned, id) {
        const row = await existing(call, owned, id)
        const { reason = null, ...tried } = await tryIdToken(call.core, row, call.body.id_token)
        const judged = tried.conditions.map((each) => ({ ...each, value: each.value ?? null }))
        return { accepted: tried.accepted, reason, conditions: judged, claims: tried.claims }
      },
    }),
  ]
}

const existing = async ({ core }: Call, owned: Owned, id: number): Promise<TrustRow> =>
  found(await findTrust(core.database.read, memberOf(owned), id), 'Trust')

export const trustRoutes = [...routesOf('project'), ...routesOf('group')]
