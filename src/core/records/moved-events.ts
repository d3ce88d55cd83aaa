import type { Db } from '../../database/database.ts'
import { ownTransaction } from '../../database/engine.ts'
import { orderLogById } from './audit-log.ts'
import { orderEventsById } from './event-order.ts'

/**
 * Puts in order what came from a server that numbered its transactions otherwise: a database that was moved by a dump. In
 * a transaction that runs alone.
 */
export async function adoptMovedEvents(db: Db): Promise<void> {
  const ahead = await db
    .selectFrom('events')
    .select('id')
    .where('transaction', '>', ownTransaction(db))
    .limit(1)
    .executeTakeFirst()
  if (!ahead) return
  await orderLogById(db)
  await orderEventsById(db)
}
