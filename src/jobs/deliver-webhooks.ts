import type { Core } from '../core/core.ts'
import { isBefore, lastSettled, type EventPosition } from '../core/records/event-order.ts'
import { cursorsOf, webhooksBehind } from '../core/records/webhooks.ts'
import { deliver } from '../core/webhooks/deliver.ts'
import { deliveryKind } from '../core/webhooks/manage.ts'
import type { JobKind } from './job.ts'

/**
 * Tells webhooks what happened. What is committed as an event is as good as enqueued: nothing else has to be written
 * with it. This looks at the events that came since the last look, and at the start at every webhook.
 */
export function webhookDeliveries(): JobKind {
  let seen: EventPosition | undefined
  /** Webhooks by number, with the event that each is to be told of. */
  const behind = new Map<number, EventPosition>()
  return {
    kind: deliveryKind,
    run: (core, key, signal) => deliver(core, Number(key), signal),
    async wanted(core) {
      const last = await lastSettled(core.database.read)
      if (!seen || isBefore(seen, last)) {
        for (const id of await webhooksBehind(core.database.read, seen, last)) behind.set(id, last)
        seen = last
      }
      if (behind.size > 0) await forgetTold(core, behind)
      return [...behind.keys()].map(String)
    },
  }
}

/** Those that have been told, were switched off or dropped. */
async function forgetTold(core: Core, behind: Map<number, EventPosition>): Promise<void> {
  const cursors = new Map<number, EventPosition>()
  for (const { id, cursor } of await cursorsOf(core.database.read, [...behind.keys()]))
    cursors.set(id, cursor)
  for (const [id, event] of behind) {
    const cursor = cursors.get(id)
    if (!cursor || !isBefore(cursor, event)) behind.delete(id)
  }
}
