/** Reading events on, from where one stopped, without missing any. */
import { sql, type ExpressionBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../database/database.ts'
import { settledBefore } from '../../database/engine.ts'
import type { Schema } from '../../database/schema.ts'

/** Where an event stands among all of them. */
export interface EventPosition {
  readonly transaction: number
  readonly id: number
}

/** Before the first event. */
export const beginning: EventPosition = { transaction: 0, id: 0 }

/** The last event before which no other can appear any more. */
export async function lastSettled(db: Db): Promise<EventPosition> {
  const row = await db
    .selectFrom('events')
    .select(['transaction', 'id'])
    .where('transaction', '<', settledBefore(db))
    .orderBy('transaction', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? beginning
}

/** That an event stands after one position and, where given, not after another. */
export function eventsWithin(after: EventPosition, last?: EventPosition) {
  return (eb: ExpressionBuilder<Schema, 'events'>) => {
    const at = eb.refTuple('events.transaction', 'events.id')
    const later = eb(at, '>', eb.tuple(after.transaction, after.id))
    return last ? eb.and([later, eb(at, '<=', eb.tuple(last.transaction, last.id))]) : later
  }
}

/** Where webhooks stopped before a position. */
export function cursorBefore(position: EventPosition) {
  return sql<SqlBool>`(webhooks.cursor_transaction, webhooks.cursor) < (${position.transaction}, ${position.id})`
}

/**
 * In another database transactions have other numbers: the events that came along stand before all others, in the order
 * of their ids, and webhooks go on with the first that they had not dealt with, perhaps telling some twice.
 */
export async function orderEventsById(db: Db): Promise<void> {
  const pending = sql<number | null>`(
    select min(e.id) - 1 from events as e
    where (${sql.ref('e.transaction')}, e.id) > (webhooks.cursor_transaction, webhooks.cursor))`
  const newest = sql<number | null>`(select max(e.id) from events as e)`
  await db
    .updateTable('webhooks')
    .set({ cursor: sql<number>`coalesce(${pending}, ${newest}, cursor)`, cursor_transaction: 0 })
    .execute()
  await db.updateTable('events').set({ transaction: 0 }).where('transaction', '<>', 0).execute()
}

export const isBefore = (one: EventPosition, other: EventPosition) =>
  one.transaction === other.transaction ? one.id < other.id : one.transaction < other.transaction
