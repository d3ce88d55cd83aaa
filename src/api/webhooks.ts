import { z } from 'zod'
import { found } from '../core/owners/manage.ts'
import { memberOf, type Owned } from '../core/owners/members.ts'
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
import { Problem } from '../lib/problem.ts'
import { noun } from './noun.ts'
import { flag, label, time, timeOf, timeOrNull } from './parameters.ts'
import { reachOwned, type What } from './reach-owned.ts'
import type { Call, Route } from './route.ts'
import { badParameter } from './validation.ts'

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

function routesOf(what: What): Route[] {
  const { list, one, create, change, remove, act } = noun({
    tag: 'Webhooks',
    path: `/${what}s/:id/hooks`,
    number: 'hook_id',
    item: hook,
    reach: (call, how) => reachOwned(call, what, how),
  })
  return [
    list({
      summary: `Webhooks of a ${what}`,
      rows: ({ core }, owned) => webhookList(core.database.read, memberOf(owned)),
      json: hookJson,
    }),
    one({
      summary: `A webhook of a ${what}`,
      run: async (call, owned, id) => hookJson(await existing(call, owned, id)),
    }),
    create({
      summary: `Add a webhook that is told what happens in a ${what}`,
      body: { ...wish, url },
      async run(call, owned) {
        const { name = '', enabled = true, token } = call.body
        const asked = wishOf(call.body, ['package_events']) as WebhookWish
        return hookJson(await addWebhook(call, owned, { ...asked, name, enabled, secret: token || null }))
      },
    }),
    change({
      method: 'PUT',
      summary: `Change a webhook of a ${what}; it is tried again at once`,
      body: { ...wish, url: url.optional() },
      async run(call, owned, id) {
        const { events } = await existing(call, owned, id)
        return hookJson(await changeWebhook(call, owned, id, wishOf(call.body, events.split(' '))))
      },
    }),
    remove({ summary: `Drop a webhook of a ${what}`, run: dropWebhook }),
    act('test', {
      summary: `Send a test message to a webhook of a ${what}, now`,
      status: 201,
      response: z.strictObject({ message: z.string() }),
      async run(call, owned, id) {
        const { error } = await testWebhook(call, owned, id)
        if (error !== null) throw new Problem(422, 'not_delivered', error)
        return { message: '201 Created' }
      },
    }),
  ]
}

const existing = async ({ core }: Call, owned: Owned, id: number): Promise<WebhookRow> =>
  found(await findWebhook(core.database.read, memberOf(owned), id), 'Webhook')

export const webhookRoutes = [...routesOf('group'), ...routesOf('project')]
