/** Who fetches what from upstreams now, so that one does it for all. Times are the database's. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { databaseTime } from '../../database/database-time.ts'

/** A holder that brought nothing for so long is overtaken, in milliseconds. */
export const silentMs = 5_000

/** Makes `holder` the one who fetches, unless another one does and makes progress. Returns the fencing number. */
export async function takeFetch(db: Db, key: string, holder: string): Promise<number | undefined> {
  const now = databaseTime(db)
  const row = await db
    .insertInto('upstream_fetches')
    .values({ key, holder, fence: 1, progress_at: now })
    .onConflict((c) =>
      c
        .column('key')
        .doUpdateSet((eb) => ({
          holder,
          fence: eb('upstream_fetches.fence', '+', 1),
          progress_at: now,
        }))
        .where('upstream_fetches.progress_at', '<', sql<number>`${now} - ${sql.lit(silentMs)}`),
    )
    .returning('fence')
    .executeTakeFirst()
  return row?.fence
}

/** Says that bytes came. */
export async function noteProgress(db: Db, keys: readonly string[], holder: string): Promise<void> {
  if (keys.length === 0) return
  await db
    .updateTable('upstream_fetches')
    .set({ progress_at: databaseTime(db) })
    .where('key', 'in', keys)
    .where('holder', '=', holder)
    .execute()
}

/** Ends a fetch. False: somebody else has overtaken it, and what it brought must not be kept. */
export async function endFetch(db: Db, key: string, holder: string, fence: number): Promise<boolean> {
  const rows = await db
    .deleteFrom('upstream_fetches')
    .where('key', '=', key)
    .where('holder', '=', holder)
    .where('fence', '=', fence)
    .returning('key')
    .execute()
  return rows.length > 0
}

/** Those of these fetches that are under way and make progress. */
export async function underWay(db: Db, keys: readonly string[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set()
  const rows = await db
    .selectFrom('upstream_fetches')
    .select('key')
    .where('key', 'in', keys)
    .where('progress_at', '>=', sql<number>`${databaseTime(db)} - ${sql.lit(silentMs)}`)
    .execute()
  return new Set(rows.map((row) => row.key))
}

/** Forgets fetches whose holders died long ago. */
export async function forgetDeadFetches(db: Db): Promise<void> {
  await db
    .deleteFrom('upstream_fetches')
    .where('progress_at', '<', sql<number>`${databaseTime(db)} - ${sql.lit(3_600_000)}`)
    .execute()
}
