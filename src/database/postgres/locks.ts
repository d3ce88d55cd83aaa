import { createHash } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'

/** Numbers of advisory locks: `writers` is shared by transactions that run beside others, and taken whole by the rest. */
const writers = 7_235_419_001n
/** Held by the node that brings the schema up to date. */
export const schemaLock = 7_235_419_002n

/**
 * Waits until no other transaction stands in the way of one that writes about these keys; without keys until none is
 * left. PostgreSQL lets them go when the transaction ends (its manual, 13.3.5).
 */
export function lockFor(keys: readonly string[] | undefined): RawBuilder<unknown> {
  if (!keys) return sql`select pg_advisory_xact_lock(${sql.lit(writers)})`
  const numbers = [...new Set(keys.map(numberOf))].sort((a, b) => (a < b ? -1 : 1))
  const locks = numbers.map((number) => sql`, pg_advisory_xact_lock(${number}::bigint)`)
  return sql`select pg_advisory_xact_lock_shared(${sql.lit(writers)})${sql.join(locks, sql``)}`
}

/** Two keys that share a number only wait for each other for nothing. */
function numberOf(key: string): bigint {
  return createHash('sha256').update(key).digest().readBigInt64BE(0)
}
