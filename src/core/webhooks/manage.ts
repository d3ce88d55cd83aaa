/** Making, changing and dropping webhooks. */
import { randomUUID } from 'node:crypto'
import type { Db } from '../../database/database.ts'
import type { WebhookRow } from '../../database/schema.ts'
import { invalid } from '../../lib/problem.ts'
import { seal } from '../../lib/secrets.ts'
import type { Acting } from '../owners/acting.ts'
import { demandToManage, found, manage, recordAt } from '../owners/manage.ts'
import { memberOf, type Owned } from '../owners/members.ts'
import { lastSettled } from '../records/event-order.ts'
import { hasten } from '../records/jobs.ts'
import {
  cursorAt,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  updateWebhook,
  webhookList,
} from '../records/webhooks.ts'
import type { WebhookTopic } from './kinds.ts'
import { send, type Outcome } from './send.ts'

/** The kind of job that delivers; its key is the webhook's number. */
export const deliveryKind = 'webhook'
const mostWebhooks = 100
const longestUrl = 2048

export interface WebhookWish {
  readonly name: string
  readonly url: string
  /** Signs deliveries; null: they are not signed. */
  readonly secret: string | null
  readonly topics: readonly WebhookTopic[]
  readonly enabled: boolean
}

/**
 * Adds a webhook, which is told what happens from now on.
 * @throws Problem 401, 403 or 404 where the caller may not; 400 for an address that cannot be one, or too many.
 */
export async function addWebhook(acting: Acting, owned: Owned, wish: WebhookWish): Promise<WebhookRow> {
  await demandToManage(acting, owned)
  const values = valuesOf(acting, wish) as WebhookColumns
  const of = memberOf(owned)
  const now = acting.core.clock()
  return acting.core.database.write(async (db) => {
    const others = await webhookList(db, of).limit(mostWebhooks).execute()
    if (others.length === mostWebhooks) throw invalid(`there are at most ${mostWebhooks} webhooks`)
    const cursor = cursorAt(await lastSettled(db))
    const row = await insertWebhook(db, { ...of, ...values, ...cursor, created_at: now })
    await record(db, acting, owned, 'webhook.created', row)
    return row
  })
}

/**
 * Changes a webhook; what is left out stays. It is tried again at once; one that was off is told only of what happens
 * from now on. Throws as `addWebhook`.
 */
export async function changeWebhook(
  acting: Acting,
  owned: Owned,
  id: number,
  change: Partial<WebhookWish>,
): Promise<WebhookRow> {
  await demandToManage(acting, owned)
  const { core } = acting
  const values = valuesOf(acting, change)
  return core.database.write(async (db) => {
    const before = await existing(db, owned, id)
    const isBack = before.enabled === 0 && values.enabled === 1
    const cursor = isBack ? cursorAt(await lastSettled(db)) : {}
    const row = await updateWebhook(db, id, { ...values, ...cursor, failures: 0 })
    await hasten(db, deliveryKind, String(id), core.clock())
    await record(db, acting, owned, 'webhook.changed', row)
    return row
  })
}

/** Drops a webhook; nothing more is sent. Throws as `addWebhook`. */
export async function dropWebhook(acting: Acting, owned: Owned, id: number): Promise<void> {
  await manage(acting, owned, async (db) => {
    const row = await existing(db, owned, id)
    await deleteWebhook(db, id)
    await record(db, acting, owned, 'webhook.deleted', row)
  })
}

/** Sends a message that says nothing but that it is a test, at once and once. */
export async function testWebhook(acting: Acting, owned: Owned, id: number): Promise<Outcome> {
  await demandToManage(acting, owned)
  const { core } = acting
  const hook = await existing(core.database.read, owned, id)
  const kind = 'webhook.test'
  const body = { kind, time: new Date(core.clock()).toISOString(), actor: acting.origin.actor }
  return send(core, hook, { id: randomUUID(), kind, body: JSON.stringify(body) })
}

async function existing(db: Db, owned: Owned, id: number): Promise<WebhookRow> {
  return found(await findWebhook(db, memberOf(owned), id), 'Webhook')
}

type WebhookColumns = Pick<WebhookRow, 'name' | 'url' | 'secret' | 'events' | 'enabled'>

function valuesOf({ core }: Acting, wish: Partial<WebhookWish>): Partial<WebhookColumns> {
  const { name, url, secret, topics, enabled } = wish
  return {
    ...(name === undefined ? {} : { name }),
    ...(url === undefined ? {} : { url: checkedUrl(url) }),
    ...(secret === undefined ? {} : { secret: secret === null ? null : seal(core.secretKey, secret) }),
    ...(topics === undefined ? {} : { events: topics.join(' ') }),
    ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
  }
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) && text.length <= longestUrl ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid('url must be an http or https URL')
  if (url.username || url.password) throw invalid('url must not hold a password: use token')
  return url.href
}

function record(
  db: Db,
  acting: Acting,
  owned: Owned,
  kind: 'webhook.created' | 'webhook.changed' | 'webhook.deleted',
  { id, name, url, events }: WebhookRow,
): Promise<void> {
  return recordAt(db, acting, owned, kind, { detail: { webhook: id, name, url, events } })
}
