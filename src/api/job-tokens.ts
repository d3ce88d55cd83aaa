import { z } from 'zod'
import { exchangeIdToken } from '../core/access/trusts/exchange.ts'
import type { TrustOf } from '../core/records/trusts.ts'
import { resolveGroup, resolveProject } from '../core/registry/resolve.ts'
import { numberId, pathId, time, timeOf } from './parameters.ts'
import { route, type Call } from './route.ts'
import { idTokenText } from './trusts.ts'
import { badParameter } from './validation.ts'

const jobToken = z
  .strictObject({
    token: z.string().describe('shown only now'),
    token_type: z.literal('Bearer'),
    username: z.string(),
    expires_at: time,
    expires_in: z.int().describe('seconds'),
    scopes: z.array(z.string()),
    access_level: z.int(),
    trust_id: z.int(),
    project_id: z.int().nullable(),
    group_id: z.int().nullable(),
  })
  .meta({ id: 'JobToken' })

const exchange = route({
  method: 'POST',
  path: '/job_tokens/exchange',
  summary:
    "Exchange a CI job's ID token, whose audience is this server's URL, for a token of at most an hour",
  tag: 'Trusts',
  needs: 'secret',
  body: {
    id_token: idTokenText,
    project_id: pathId.optional().describe('only a trust of this project, or of a group above it'),
    group_id: pathId.optional().describe('only a trust of this group, or of one above it'),
    trust_id: numberId.optional(),
  },
  response: jobToken,
  async run(call) {
    const { id_token: idToken, trust_id: trustId } = call.body
    const wish = { idToken, trustId, of: await askedFor(call) }
    const { text, row, trust, username } = await exchangeIdToken(call.core, wish, call.origin)
    const until = row.expires_at!
    return {
      token: text,
      token_type: 'Bearer' as const,
      username,
      expires_at: timeOf(until),
      expires_in: Math.floor((until - row.created_at) / 1000),
      scopes: trust.scopes.split(' '),
      access_level: trust.role,
      trust_id: trust.id,
      project_id: trust.project_id,
      group_id: trust.group_id,
    }
  },
})

interface Asked {
  readonly project_id?: string | undefined
  readonly group_id?: string | undefined
}

async function askedFor({
  core,
  generation,
  body,
}: Call<object, object, Asked>): Promise<TrustOf | 'none' | undefined> {
  const { project_id: projectId, group_id: groupId } = body
  if (projectId !== undefined && groupId !== undefined) {
    throw badParameter('project_id, group_id are mutually exclusive')
  }
  if (projectId !== undefined) {
    const project = await resolveProject(core, generation, projectId)
    return project ? { project_id: project.id } : 'none'
  }
  if (groupId === undefined) return undefined
  const group = await resolveGroup(core, generation, groupId)
  return group ? { group_id: group.id } : 'none'
}

export const jobTokenRoutes = [exchange]
