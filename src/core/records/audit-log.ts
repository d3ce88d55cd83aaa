/** Every event as a line of the server's log, for those who collect logs: after it was committed, at least once. */
import type { Logger } from 'pino'
import type { Database, Db } from '../../database/database.ts'
import { eventsInOrder, type ListedEvent } from './event-lists.ts'
import { eventsWithin, lastSettled, type EventPosition } from './event-order.ts'

/** Where the position of the last event that was logged is kept. */
const position = 'audit-log'
const batch = 500

/** Logs what was committed since the last time; at the very first time nothing: that is long past. */
export async function logEvents(database: Database, log: Pick<Logger, 'info'>): Promise<void> {
  const known = await readPosition(database.read)
  if (known === undefined) {
    await database.write(async (db) => writePosition(db, await lastSettled(db)))
    return
  }
  const end = await lastSettled(database.read)
  let after = known
  for (;;) {
    const events: ListedEvent[] = await eventsInOrder(database.read, {}, after, end).limit(batch).execute()
    for (const event of events) log.info({ audit: lineOf(event) }, 'audit')
    if (events.length === 0) return
    const last = events.at(-1)!
    await database.write((db) => writePosition(db, last), { beside: [position] })
    after = last
  }
}

/** As `orderEventsById`, before which it is to be called: the log goes on with the first event that is not in it. */
export async function orderLogById(db: Db): Promise<void> {
  const known = await readPosition(db)
  if (known === undefined) return
  const next = await db
    .selectFrom('events')
    .select((eb) => eb.fn.min('id').as('id'))
    .where(eventsWithin(known))
    .executeTakeFirst()
  const newest = await db
    .selectFrom('events')
    .select((eb) => eb.fn.max('id').as('id'))
    .executeTakeFirst()
  await writePosition(db, { transaction: 0, id: next?.id ? next.id - 1 : (newest?.id ?? 0) })
}

/** To be called while events are not logged, so that they are not made up for later. */
export async function forgetLogPosition(database: Database): Promise<void> {
  if ((await readPosition(database.read)) === undefined) return
  await database.write((db) => db.deleteFrom('instance').where('key', '=', position).execute())
}

function lineOf({ detail, at, ...event }: ListedEvent) {
  return { ...event, at: new Date(at).toISOString(), detail: detail === null ? null : JSON.parse(detail) }
}

async function readPosition(db: Db): Promise<EventPosition | undefined> {
  const row = await db.selectFrom('instance').select('value').where('key', '=', position).executeTakeFirst()
  if (!row) return undefined
  const [id, transaction = 0] = row.value.split(' ').map(Number)
  return { transaction, id: id! }
}

async function writePosition(db: Db, { id, transaction }: EventPosition): Promise<void> {
  const value = `${id} ${transaction}`
  await db
    .insertInto('instance')
    .values({ key: position, value })
    .onConflict((c) => c.column('key').doUpdateSet({ value }))
    .execute()
}
