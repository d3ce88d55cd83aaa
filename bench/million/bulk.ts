/** Rows written by the hundred, in statements that are compiled once: making a million packages is a matter of minutes. */
import { sql, type CompiledQuery, type InsertObject } from 'kysely'
import type { Database } from '../../src/database/database.ts'
import { engineOf } from '../../src/database/engine.ts'
import type { Schema } from '../../src/database/schema.ts'

/** Engines bound the number of a statement's parameters; this many suit both. */
const parametersAtOnce = 8000
const rowsPerTransaction = 20_000

type Table = keyof Schema
type Values = Readonly<Record<string, string | number | null>>

/** Takes rows of any tables and writes them in the order of the tables, which is that of their references. */
export interface Bulk {
  add<T extends Table>(table: T, row: InsertObject<Schema, T>): void
  /** Writes what was added if it is enough for a transaction. */
  flushSome(): Promise<void>
  flush(): Promise<void>
}

/** All rows of one table must have the same columns. */
export function createBulk(database: Database, tables: readonly Table[]): Bulk {
  const waiting = new Map<Table, Values[]>(tables.map((table) => [table, []]))
  const compiled = new Map<string, CompiledQuery>()
  let count = 0

  async function flush(): Promise<void> {
    await database.write(async (db) => {
      if (engineOf(db) === 'sqlite') await sql`pragma cache_size = -400000`.execute(db)
      for (const [table, rows] of waiting) {
        const columns = Object.keys(rows[0] ?? {})
        const atOnce = Math.floor(parametersAtOnce / Math.max(1, columns.length))
        for (let at = 0; at < rows.length; at += atOnce) {
          const some = rows.slice(at, at + atOnce)
          const known = compiled.get(`${table} ${some.length}`)
          const query =
            known ??
            db
              .insertInto(table)
              .values(some as never)
              .compile()
          compiled.set(`${table} ${some.length}`, query)
          const parameters = some.flatMap((row) => columns.map((column) => row[column]))
          await db.executeQuery({ ...query, parameters })
        }
      }
    })
    for (const table of waiting.keys()) waiting.set(table, [])
    count = 0
  }
  return {
    add(table, row) {
      waiting.get(table)!.push(row as Values)
      count += 1
    },
    async flushSome() {
      if (count >= rowsPerTransaction) await flush()
    },
    flush,
  }
}
