/** While somebody holds collection, no blob is marked and no bytes are deleted, on any node. */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { databaseTime } from '../../database/database-time.ts'

/** How long a hold lasts unless it is extended, in milliseconds: that of a holder that died ends by itself. */
export const holdMs = 5 * 60_000

/** Holds collection from the commit on. `holder` says to people who it is. Returns what extends and releases it. */
export async function holdCollection(db: Db, holder: string): Promise<string> {
  const id = randomUUID()
  const now = databaseTime(db)
  await db.deleteFrom('collection_holds').where('expires_at', '<', now).execute()
  await db
    .insertInto('collection_holds')
    .values({ id, holder, created_at: now, expires_at: sql<number>`${now} + ${sql.lit(holdMs)}` })
    .execute()
  return id
}

/** Holds it for as long again. False: the hold had ended, and collection may have gone on. */
export async function extendHold(db: Db, id: string): Promise<boolean> {
  const now = databaseTime(db)
  const rows = await db
    .updateTable('collection_holds')
    .set({ expires_at: sql<number>`${now} + ${sql.lit(holdMs)}` })
    .where('id', '=', id)
    .where('expires_at', '>=', now)
    .returning('id')
    .execute()
  return rows.length > 0
}

export async function releaseHold(db: Db, id: string): Promise<void> {
  await db.deleteFrom('collection_holds').where('id', '=', id).execute()
}

/** Whether collection has to wait. Ask in the transaction that marks. */
export async function isCollectionHeld(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('collection_holds')
    .select('id')
    .where('expires_at', '>=', databaseTime(db))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
