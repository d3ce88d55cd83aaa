import { z } from 'zod'
import { memberOf } from '../core/owners/members.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { findWebhook, webhookList } from '../core/records/webhooks.ts'
import { allTopics, type WebhookTopic } from '../core/webhooks/kinds.ts'
import {
  addWebhook,
  changeWebhook,
  dropWebhook,
  testWebhook,
  type WebhookWish,
} from '../core/webhooks/manage.ts'
import type { WebhookRow } from '../database/schema.ts'
import { notFound, Problem } from '../lib/problem.ts'
import { flag, label, numberId, pathId, time, timeOf, timeOrNull } from './parameters.ts'
import { reachOwned, type What } from './reach-owned.ts'
import { listRoute, route, type Route } from './route.ts'
import { badParameter } from './validation.ts'

const tag = 'Webhooks'

const topicWords: Readonly<Record<WebhookTopic, string>> = {
  package_events: 'packages and files: published, changed, tagged, removed, restored',
  project_events: 'projects: made, changed, deleted, restored',
  subgroup_events: 'groups: made, changed, deleted, restored',
  member_events: 'members: added, changed, removed',
  token_events: 'tokens and trusts: made, changed, revoked',
  settings_events: 'settings, rules, names, upstreams, webhooks, indexes and the keys that sign them',
}
type Flags<T> = Record<WebhookTopic, T>
const topicFlags = Object.fromEntries(
  allTopics.map((topic) => [topic, z.boolean().describe(topicWords[topic])]),
) as Flags<z.ZodBoolean>
const topicWishes = Object.fromEntries(
  allTopics.map((topic) => [topic, flag.optional().describe(topicWords[topic])]),
) as Flags<z.ZodOptional<typeof flag>>

const hook = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    url: z.string(),
    project_id: z.int().optional(),
    group_id: z.int().optional(),
    created_at: time,
    enable_ssl_verification: z.literal(true),
    ...topicFlags,
    token_set: z.boolean().describe('whether deliveries are signed; the token itself is never shown'),
    enabled: z.boolean(),
    alert_status: z
      .enum(['executable', 'temporarily_disabled', 'disabled'])
      .describe('temporarily_disabled: deliveries fail and are tried again'),
    consecutive_failures: z.int(),
    last_delivery_at: time.nullable(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
  })
  .meta({ id: 'Webhook' })

function hookJson(row: WebhookRow): z.input<typeof hook> {
  const topics = row.events.split(' ')
  const status = row.failures > 0 ? 'temporarily_disabled' : 'executable'
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    ...(row.project_id === null ? { group_id: row.group_id! } : { project_id: row.project_id }),
    created_at: timeOf(row.created_at),
    enable_ssl_verification: true,
    ...(Object.fromEntries(allTopics.map((topic) => [topic, topics.includes(topic)])) as Flags<boolean>),
    token_set: row.secret !== null,
    enabled: row.enabled === 1,
    alert_status: row.enabled === 1 ? status : 'disabled',
    consecutive_failures: row.failures,
    last_delivery_at: timeOrNull(row.last_at),
    last_status: row.last_status,
    last_error: row.last_error,
  }
}

const wish = {
  name: label.optional(),
  token: z.string().max(255).nullish().describe('signs deliveries; empty: they are not signed'),
  enable_ssl_verification: flag
    .optional()
    .refine((value) => value !== false, 'certificates are always verified; trust your own with egress.ca'),
  enabled: flag.optional(),
  ...topicWishes,
}
const url = z.string().max(2048)

type Asked = { readonly [K in keyof typeof wish]: z.output<(typeof wish)[K]> } & {
  readonly url?: string | undefined
}

/** `before`: the topics there are, of which the request changes some. */
function wishOf(asked: Asked, before: readonly string[]): Partial<WebhookWish> {
  const topics = allTopics.filter((topic) => asked[topic] ?? before.includes(topic))
  if (topics.length === 0) throw badParameter(`one of ${allTopics.join(', ')} must be true`)
  const { name, url: address, token, enabled } = asked
  return {
    topics,
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { url: address }),
    ...(token === undefined ? {} : { secret: token || null }),
    ...(enabled === undefined ? {} : { enabled }),
  }
}

const hookParams = { id: pathId, hook_id: numberId }

const readingRoutes = (what: What): Route[] => [
  listRoute({
    method: 'GET',
    path: `/${what}s/:id/hooks`,
    summary: `Webhooks of a ${what}`,
    tag,
    needs: 'read',
    params: { id: pathId },
    item: hook,
    async run(call, window) {
      const of = memberOf(await reachOwned(call, what, 'review'))
      const db = call.core.database.read
      return mapPage(await readPage(db, webhookList(db, of), window), hookJson)
    },
  }),
  route({
    method: 'GET',
    path: `/${what}s/:id/hooks/:hook_id`,
    summary: `A webhook of a ${what}`,
    tag,
    needs: 'read',
    params: hookParams,
    response: hook,
    async run(call) {
      const of = memberOf(await reachOwned(call, what, 'review'))
      const row = await findWebhook(call.core.database.read, of, call.params.hook_id)
      if (!row) throw notFound('404 Webhook Not Found')
      return hookJson(row)
    },
  }),
]

const writingRoutes = (what: What): Route[] => [
  route({
    method: 'POST',
    path: `/${what}s/:id/hooks`,
    summary: `Add a webhook that is told what happens in a ${what}`,
    tag,
    needs: 'write',
    params: { id: pathId },
    body: { ...wish, url },
    response: hook,
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const { name = '', enabled = true, token } = call.body
      const asked = wishOf(call.body, ['package_events']) as WebhookWish
      return hookJson(await addWebhook(call, owned, { ...asked, name, enabled, secret: token || null }))
    },
  }),
  route({
    method: 'PUT',
    path: `/${what}s/:id/hooks/:hook_id`,
    summary: `Change a webhook of a ${what}; it is tried again at once`,
    tag,
    needs: 'write',
    params: hookParams,
    body: { ...wish, url: url.optional() },
    response: hook,
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const row = await findWebhook(call.core.database.read, memberOf(owned), call.params.hook_id)
      if (!row) throw notFound('404 Webhook Not Found')
      return hookJson(await changeWebhook(call, owned, row.id, wishOf(call.body, row.events.split(' '))))
    },
  }),
  route({
    method: 'DELETE',
    path: `/${what}s/:id/hooks/:hook_id`,
    summary: `Drop a webhook of a ${what}`,
    tag,
    needs: 'write',
    params: hookParams,
    run: async (call) => dropWebhook(call, await reachOwned(call, what, 'admin'), call.params.hook_id),
  }),
  route({
    method: 'POST',
    path: `/${what}s/:id/hooks/:hook_id/test`,
    summary: `Send a test message to a webhook of a ${what}, now`,
    tag,
    needs: 'write',
    params: hookParams,
    response: z.strictObject({ message: z.string() }),
    async run(call) {
      const owned = await reachOwned(call, what, 'admin')
      const { error } = await testWebhook(call, owned, call.params.hook_id)
      if (error !== null) throw new Problem(422, 'not_delivered', error)
      return { message: '201 Created' }
    },
  }),
]

export const webhookRoutes = (['group', 'project'] as const).flatMap((what) => [
  ...readingRoutes(what),
  ...writingRoutes(what),
])
