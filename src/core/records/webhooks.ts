import type { Insertable, Updateable } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { Schema, WebhookRow } from '../../database/schema.ts'
import { eventsInOrder, type ListedEvent } from './event-lists.ts'
import { cursorBefore, eventsWithin, type EventPosition } from './event-order.ts'
import type { MemberOf } from './members.ts'

export type NewWebhook = Insertable<Schema['webhooks']>

export function insertWebhook(db: Db, values: NewWebhook): Promise<WebhookRow> {
  return db.insertInto('webhooks').values(values).returningAll().executeTakeFirstOrThrow()
}

export function updateWebhook(
  db: Db,
  id: number,
  change: Updateable<Schema['webhooks']>,
): Promise<WebhookRow> {
  return db.updateTable('webhooks').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
}

export async function deleteWebhook(db: Db, id: number): Promise<void> {
  await db.deleteFrom('webhooks').where('id', '=', id).execute()
}

/** The webhooks of one project or group, by number. */
export function webhookList(db: Db, of: MemberOf) {
  const rows = db.selectFrom('webhooks').selectAll()
  const own =
    'group_id' in of ? rows.where('group_id', '=', of.group_id) : rows.where('project_id', '=', of.project_id)
  return own.orderBy('id')
}

export function findWebhook(db: Db, of: MemberOf, id: number): Promise<WebhookRow | undefined> {
  return webhookList(db, of).where('id', '=', id).executeTakeFirst()
}

/** Webhooks that are to be told: enabled, on something that is not deleted. */
function activeWebhooks(db: Db) {
  return db
    .selectFrom('webhooks')
    .leftJoin('projects', 'projects.id', 'webhooks.project_id')
    .leftJoin('groups', 'groups.id', 'webhooks.group_id')
    .where('webhooks.enabled', '=', 1)
    .where('projects.deleted_at', 'is', null)
    .where('groups.deleted_at', 'is', null)
}

export function findActiveWebhook(db: Db, id: number): Promise<WebhookRow | undefined> {
  return activeWebhooks(db).selectAll('webhooks').where('webhooks.id', '=', id).executeTakeFirst()
}

/** The next events for a webhook, in the order in which they happened: after its cursor, up to the event `last`. */
export function eventsFor(
  db: Db,
  hook: WebhookRow,
  kinds: { readonly starts: readonly string[]; readonly but: readonly string[] },
  { last, limit }: { readonly last: EventPosition; readonly limit: number },
): Promise<ListedEvent[]> {
  const where = { projectId: hook.project_id ?? undefined, groupId: hook.group_id ?? undefined }
  return eventsInOrder(db, where, cursorOf(hook), last)
    .where('events.kind', 'not in', kinds.but)
    .where((eb) => eb.or(kinds.starts.map((start) => eb('events.kind', 'like', `${start}%`))))
    .limit(limit)
    .execute()
}

/** Webhooks that may have to be told of an event after `after`, up to `last`; all of them if that is undefined. */
export async function webhooksBehind(
  db: Db,
  after: EventPosition | undefined,
  last: EventPosition,
): Promise<number[]> {
  const behind = activeWebhooks(db).select('webhooks.id').where(cursorBefore(last))
  const touched = after === undefined ? behind : concerned(db, behind, after, last)
  return (await touched.execute()).map((row) => row.id)
}

function concerned<T extends { where: (...args: any[]) => T }>(
  db: Db,
  hooks: T,
  after: EventPosition,
  last: EventPosition,
): T {
  const fresh = db.selectFrom('events').where(eventsWithin(after, last))
  const above = db.selectFrom('group_tree').select('group_tree.ancestor_id')
  const holders = db
    .selectFrom('projects')
    .select('projects.group_id')
    .where('projects.id', 'in', fresh.select('events.project_id'))
  return hooks.where((eb: any) =>
    eb.or([
      eb('webhooks.project_id', 'in', fresh.select('events.project_id')),
      eb('webhooks.group_id', 'in', above.where('group_tree.group_id', 'in', holders)),
      eb(
        'webhooks.group_id',
        'in',
        above.where('group_tree.group_id', 'in', fresh.select('events.group_id')),
      ),
    ]),
  )
}

/** How far each of these has got, of those that are to be told. */
export async function cursorsOf(
  db: Db,
  ids: readonly number[],
): Promise<{ readonly id: number; readonly cursor: EventPosition }[]> {
  const rows = await activeWebhooks(db)
    .select(['webhooks.id', 'webhooks.cursor', 'webhooks.cursor_transaction'])
    .where('webhooks.id', 'in', ids)
    .execute()
  return rows.map((row) => ({ id: row.id, cursor: cursorOf(row) }))
}

const cursorOf = (row: Pick<WebhookRow, 'cursor' | 'cursor_transaction'>): EventPosition => ({
  transaction: row.cursor_transaction,
  id: row.cursor,
})

/** The columns of a position. */
export const cursorAt = ({ transaction, id }: EventPosition) => ({
  cursor: id,
  cursor_transaction: transaction,
})

/** Moves the cursor on, never back. */
export async function moveCursor(
  db: Db,
  id: number,
  cursor: EventPosition,
  result: Pick<WebhookRow, 'failures' | 'last_at' | 'last_status' | 'last_error'> | undefined,
): Promise<void> {
  await db
    .updateTable('webhooks')
    .set({ ...cursorAt(cursor), ...result })
    .where('id', '=', id)
    .where(cursorBefore(cursor))
    .execute()
}
