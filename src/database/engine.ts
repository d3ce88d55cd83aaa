import { PostgresAdapter, sql, type Kysely, type RawBuilder } from 'kysely'

export type Engine = 'sqlite' | 'postgres'

/** Which engine answers behind `db`: for the few statements that no common words exist for. */
export function engineOf(db: Kysely<any>): Engine {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'
}

/** The number of the transaction that asks; on SQLite, which writes one after the other, all have the same. */
export function ownTransaction(db: Kysely<any>): RawBuilder<number> {
  return engineOf(db) === 'postgres' ? sql`pg_current_xact_id()::text::bigint` : sql.lit(0)
}

/**
 * Transactions with a smaller number are over: nothing of theirs can appear any more. Transactions are committed in
 * another order than they began, so whoever reads on from a position looks at what is settled only.
 */
export function settledBefore(db: Kysely<any>): RawBuilder<number> {
  return engineOf(db) === 'postgres' ? oldestOpen : sql.lit(1)
}

/**
 * The oldest transaction under way as the statement sees it, or the next there will be. Those of other databases of
 * the same server do not count; what cannot be told about one is that it might be ours.
 */
const oldestOpen = sql<number>`(
  select coalesce(min(open.number), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
  from (select x::text::bigint as number from pg_snapshot_xip(pg_current_snapshot()) x) open
  where not exists (
    select 1 from pg_stat_activity other
    where other.backend_xid::text::bigint = open.number % 4294967296 and other.datname <> current_database()
  )
)`
