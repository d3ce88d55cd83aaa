/** Upstreams of groups, projects and the instance: the same routes at three places. */
import { z } from 'zod'
import { found } from '../core/owners/manage.ts'
import { placeOf } from '../core/owners/place-of.ts'
import {
  decodeUpstream,
  findUpstream,
  inheritsUpstreams,
  upstreamRows,
  type Upstream,
} from '../core/records/upstreams.ts'
import {
  addUpstream,
  changeInheritance,
  changeUpstream,
  removeUpstream,
  testUpstream,
  testWish,
  type PlacedWish,
} from '../core/upstream/settings/manage.ts'
import type { UpstreamCredential } from '../core/upstream/credential.ts'
import { longestTtlMs, mostPatterns } from '../core/upstream/settings/wish.ts'
import { noun } from './noun.ts'
import { flag, formatId, given, knownFormat, label, paramsOf, pathId, time, timeOf } from './parameters.ts'
import { reachGroup } from './reach.ts'
import { placePath, places, placeWords, reachPlace, type Where } from './reach-place.ts'
import { route, type Route } from './route.ts'
import { badParameter } from './validation.ts'

export const upstreamTag = 'Upstreams'
const tag = upstreamTag

const upstream = z
  .strictObject({
    id: z.int(),
    format: z.string(),
    group_id: z.int().optional(),
    project_id: z.int().optional().describe('without both: of the instance'),
    name: z.string(),
    url: z.string(),
    position: z.int().describe('the first is asked first'),
    username: z.string().nullable(),
    credential_set: z.boolean().describe('the password or token itself is never shown'),
    ttl: z.int().describe('for so many seconds its documents are fresh'),
    include: z.array(z.string()).describe('patterns of names it is asked for; none: all'),
    exclude: z.array(z.string()).describe('patterns of names it is never asked for'),
    keep_days_unused: z.int().nullable().describe('what nobody used for so long goes; null: it stays'),
    max_bytes: z
      .int()
      .nullable()
      .describe('what is kept beyond goes, the least recently used first; null: no limit'),
    anonymous_fill: z.boolean().describe('whether callers without a credential make it be asked'),
    offline: z.boolean().describe('it is not asked: only what was kept answers'),
    mixes: z.boolean().describe('it adds versions to names that an upstream before it has'),
    source: z.enum(['hand', 'configuration']).describe('configuration: only entrepot.yml changes it'),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Upstream' })

const upstreamJson = (one: Upstream): z.input<typeof upstream> => ({
  id: one.id,
  format: one.format,
  ...(one.groupId === null ? {} : { group_id: one.groupId }),
  ...(one.projectId === null ? {} : { project_id: one.projectId }),
  name: one.name,
  url: one.url,
  position: one.position,
  username: one.username,
  credential_set: one.credential !== null,
  ttl: one.ttlMs / 1000,
  include: [...one.include],
  exclude: [...one.exclude],
  keep_days_unused: one.keepDaysUnused,
  max_bytes: one.maxBytes,
  anonymous_fill: one.anonymousFill,
  offline: one.offline,
  mixes: one.mixes,
  source: one.source,
  created_at: timeOf(one.createdAt),
  updated_at: timeOf(one.updatedAt),
})

const url = z
  .string()
  .min(1)
  .max(2048)
  .describe(
    'another address is another upstream, with a number of its own; its credential goes with it only where the server is the same',
  )
const patterns = z.array(label).max(mostPatterns)
/** The empty text of a form is null. */
const countOrNull = (most: number) =>
  z.union([z.literal('').transform(() => null), z.coerce.number().int().min(1).max(most)]).nullable()

const credentials = {
  username: z.string().max(255).nullish().describe('with password'),
  password: z.string().max(8192).nullish().describe('with username'),
  token: z.string().max(8192).nullish().describe('alone: sent as a bearer token'),
}
const wish = {
  ...credentials,
  name: label.optional().describe('default: the host'),
  position: z.coerce.number().int().min(1).max(1000).optional().describe('default: behind the others'),
  ttl: z.coerce
    .number()
    .int()
    .min(0)
    .max(longestTtlMs / 1000)
    .optional()
    .describe('in seconds; default: 600'),
  include: patterns.optional().describe('`*` stands for any text'),
  exclude: patterns.optional(),
  keep_days_unused: countOrNull(36_500).optional(),
  max_bytes: countOrNull(Number.MAX_SAFE_INTEGER).optional(),
  anonymous_fill: flag.optional().describe('default: false'),
  offline: flag.optional().describe('default: false'),
  mixes: flag.optional().describe('default: false'),
}
type Shaped<S extends Readonly<Record<string, z.ZodType>>> = { readonly [K in keyof S]: z.output<S[K]> }

/** Undefined: nothing was said about it; null: there is to be none. */
function credentialOf(asked: Shaped<typeof credentials>): UpstreamCredential | null | undefined {
  const { username, password, token } = asked
  if (username === undefined && password === undefined && token === undefined) return undefined
  if (token && !username && !password) return { username: null, secret: token }
  if (!token && username && password) return { username, secret: password }
  if (!token && !username && !password) return null
  throw badParameter('give username and password together, or token alone, or none of them')
}

const wishOf = (asked: Shaped<typeof wish>): Omit<PlacedWish, 'url'> => ({
  credential: credentialOf(asked),
  name: asked.name,
  position: asked.position,
  ttlMs: asked.ttl === undefined ? undefined : asked.ttl * 1000,
  include: asked.include,
  exclude: asked.exclude,
  keepDaysUnused: asked.keep_days_unused,
  maxBytes: asked.max_bytes,
  anonymousFill: asked.anonymous_fill,
  offline: asked.offline,
  mixes: asked.mixes,
})

const trial = z.strictObject({
  ok: z.boolean(),
  status: z.int().nullable().describe('null: there was no answer'),
  message: z.string(),
})

function routesOf(where: Where): Route[] {
  const path = placePath(where, 'upstreams')
  const { list, one, create, change, remove, act } = noun({
    tag,
    path,
    number: 'upstream_id',
    item: upstream,
    reach: (call, how) => reachPlace(call, where, how),
  })
  return [
    // What is asked by name comes before what is asked by number.
    route({
      method: 'POST',
      path: `${path}/test`,
      summary: `Ask an address once that may become an upstream of ${placeWords[where]}`,
      tag,
      needs: 'write',
      status: 200,
      params: paramsOf(path),
      body: { format: formatId, url: z.string().min(1).max(2048), ...credentials },
      response: trial,
      async run(call) {
        const owner = await reachPlace(call, where, 'admin')
        const { format, url: address } = call.body
        return testWish(call, owner, format, { url: address, credential: credentialOf(call.body) })
      },
    }),
    act('test', {
      summary: `Ask an upstream of ${placeWords[where]} once`,
      response: trial,
      run: testUpstream,
    }),
    list({
      summary: `The upstreams of ${placeWords[where]}, in the order in which they are asked`,
      query: { format: formatId.optional() },
      rows(call, owner) {
        const { format } = call.query
        if (format !== undefined) knownFormat(call, 'format', format)
        return upstreamRows(call.core.database.read, placeOf(owner), format)
      },
      json: (row) => upstreamJson(decodeUpstream(row)),
    }),
    one({
      summary: `An upstream of ${placeWords[where]}`,
      run: async ({ core }, owner, id) =>
        upstreamJson(found(await findUpstream(core.database.read, placeOf(owner), id), 'Upstream')),
    }),
    create({
      summary: `Add an upstream to ${placeWords[where]}`,
      body: { format: formatId, url, ...wish },
      async run(call, owner) {
        const { format, url: address } = call.body
        return upstreamJson(await addUpstream(call, owner, format, { ...wishOf(call.body), url: address }))
      },
    }),
    change({
      method: 'PATCH',
      summary: `Change an upstream of ${placeWords[where]}; what is left out stays`,
      body: { url: url.optional(), ...wish },
      async run(call, owner, id) {
        const asked = { ...wishOf(call.body), ...given({ url: call.body.url }) }
        return upstreamJson(await changeUpstream(call, owner, id, asked))
      },
    }),
    remove({
      summary: `Remove an upstream of ${placeWords[where]}, with what was kept of it`,
      run: removeUpstream,
    }),
  ]
}

const inheritance = z.strictObject({ format: z.string(), inherit: z.boolean() })
const inheritancePath = '/groups/:id/-/upstreams/inheritance'

const readInheritance = route({
  method: 'GET',
  path: inheritancePath,
  summary: 'Whether a group without upstreams of its own asks those above it',
  tag,
  needs: 'read',
  params: { id: pathId },
  query: { format: formatId },
  response: inheritance,
  async run(call) {
    const group = await reachGroup(call, call.params.id, 'read_settings')
    const format = knownFormat(call, 'format', call.query.format)
    return { format, inherit: await inheritsUpstreams(call.core.database.read, group.id, format) }
  },
})

const writeInheritance = route({
  method: 'PUT',
  path: inheritancePath,
  summary: 'Say whether a group without upstreams of its own asks those above it',
  tag,
  needs: 'write',
  params: { id: pathId },
  body: { format: formatId, inherit: flag },
  response: inheritance,
  async run(call) {
    const group = await reachGroup(call, call.params.id, 'admin_group')
    const { format, inherit } = call.body
    await changeInheritance(call, group, format, inherit)
    return { format, inherit }
  },
})

/** What is asked by name comes before what is asked by number. */
export const upstreamRoutes = [readInheritance, writeInheritance, ...places.flatMap(routesOf)]
