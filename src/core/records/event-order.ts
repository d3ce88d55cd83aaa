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

export const isBefore = (one: EventPosition, other: EventPosition) =>
  one.transaction === other.transaction ? one.id < other.id : one.transaction < other.transaction
