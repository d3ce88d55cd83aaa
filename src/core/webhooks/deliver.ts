/** Telling one webhook what happened, event by event, in order. */
import type { WebhookRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import type { ListedEvent } from '../records/event-lists.ts'
import { ownOrigin, recordEvent } from '../records/events.ts'
import { lastSettled } from '../records/event-order.ts'
import { eventsFor, findActiveWebhook, moveCursor, updateWebhook } from '../records/webhooks.ts'
import { kindsOf, untold } from './kinds.ts'
import { messageOf } from './message.ts'
import { send, type Outcome } from './send.ts'

/** A webhook that failed so often in a row is switched off: with growing pauses that is about two days. */
const mostFailures = 50
const batch = 50
/** Then others have their turn. */
const longestTurnMs = 20_000

/**
 * Delivers what the webhook has not been told yet; returns when there is nothing left, the turn is over, or it may not
 * be told any more. The events are the queue: each webhook keeps how far it has got. Throws where a delivery fails, so
 * that it is tried again later, before any event that came after it.
 */
export async function deliver(core: Core, id: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + longestTurnMs
  while (!signal.aborted && performance.now() < end) {
    const db = core.database.read
    const hook = await findActiveWebhook(db, id)
    if (!hook) return
    const last = await lastSettled(db)
    const kinds = { starts: kindsOf(hook.events), but: untold }
    const events = await eventsFor(db, hook, kinds, { last, limit: batch })
    const isDone = await tell(core, hook, events, () => !signal.aborted && performance.now() < end)
    if (!isDone) return
    if (events.length < batch) {
      await core.database.write((trx) => moveCursor(trx, id, last, undefined), { beside: [keyOf(id)] })
      return
    }
  }
}

const keyOf = (id: number) => `webhook/${id}`

/** False: not all of them were delivered. */
async function tell(
  core: Core,
  hook: WebhookRow,
  events: readonly ListedEvent[],
  mayGoOn: () => boolean,
): Promise<boolean> {
  for (const event of events) {
    if (!mayGoOn()) return false
    const outcome = await send(core, hook, messageOf(hook.id, event))
    if (outcome.error !== null) {
      if (await noteFailure(core, hook, outcome)) throw new Error(outcome.error)
      return false
    }
    const result = { failures: 0, last_at: core.clock(), last_status: outcome.status, last_error: null }
    await core.database.write((db) => moveCursor(db, hook.id, event, result), { beside: [keyOf(hook.id)] })
  }
  return true
}

/** False: it failed so often that it is off now. */
async function noteFailure(core: Core, { id }: WebhookRow, { status, error }: Outcome): Promise<boolean> {
  const now = core.clock()
  return core.database.write(async (db) => {
    const hook = await findActiveWebhook(db, id)
    if (!hook) return false
    const failures = hook.failures + 1
    const isOff = failures >= mostFailures
    const change = { failures, last_at: now, last_status: status, last_error: error }
    await updateWebhook(db, id, isOff ? { ...change, enabled: 0 } : change)
    if (isOff) {
      const detail = { webhook: id, name: hook.name, failures }
      await recordEvent(db, 'webhook.disabled', ownOrigin, { ...placeOf(hook), detail }, now)
    }
    return !isOff
  })
}

/** Where what happens to a webhook is on record. */
export function placeOf({ project_id: projectId, group_id: groupId }: WebhookRow) {
  return projectId === null ? { groupId: groupId! } : { projectId }
}
