import { sql } from 'kysely'
import { engineOf } from '../../src/database/engine.ts'
import type { Database } from '../../src/database/database.ts'

const numbered = ['names', 'packages', 'files', 'blobs'] as const

/** Rows that were made with numbers of their own do not move the counters of engines that keep them apart. */
export async function setSequences(database: Database): Promise<void> {
  if (engineOf(database.read) !== 'postgres') return
  await database.write(async (db) => {
    for (const table of numbered) {
      const highest = sql`(select max(id) from ${sql.table(table)})`
      await sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${highest})`.execute(db)
    }
  })
}
