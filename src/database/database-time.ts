import { sql, type RawBuilder } from 'kysely'
import type { Db } from './database.ts'
import { engineOf } from './engine.ts'

/**
 * The time by the database's clock in a statement, in milliseconds since 1970: what several nodes compare, whose own
 * clocks may differ.
 */
export function databaseTime(db: Db): RawBuilder<number> {
  return engineOf(db) === 'postgres'
    ? sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
}
