import type { Kysely } from 'kysely'
import type { Maintenance } from './maintenance.ts'
import type { Schema } from './schema.ts'

/** What record functions take: a pool, a snapshot or a transaction. */
export type Db = Kysely<Schema>

/** Compared for equality only. */
export type RecordState = number | string

export interface WriteOptions {
  /**
   * What this transaction writes about, such as `name/7/npm/left-pad`: on PostgreSQL it runs beside transactions that
   * name nothing of the same, and each statement sees what was committed before it. Without it, a transaction runs
   * alone, whatever node it comes from; SQLite runs all of them so.
   */
  readonly beside?: readonly string[]
}

/** The one way to the records. Times in it are milliseconds since 1970, UTC. */
export interface Database {
  /** Single reading statements, each seeing everything committed before it began. */
  readonly read: Db
  /**
   * Single reading statements that may look at very many rows: they hold nobody up. Each sees everything committed
   * before it began.
   */
  readonly scan: Db
  /** Several reading statements that see one and the same state. */
  snapshot<T>(work: (db: Db) => Promise<T>): Promise<T>
  /**
   * One transaction: all of it or nothing. No file, network or other slow work inside, and nothing that cannot be done
   * twice: `work` is called again where the engine gave way to another transaction.
   * @throws OutcomeUnknown if the connection was lost while it was committed.
   */
  write<T>(work: (db: Db) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Differs whenever anything was committed since it was last asked, by whomever. */
  changes(): RecordState | Promise<RecordState>
  /** Operation counters. */
  readonly counts: { statements: number }
  /** What backup, restore and doctor need. */
  readonly maintenance: Maintenance
  /** Whether an error says that a uniqueness constraint was violated. */
  isUniqueViolation(error: unknown): boolean
  close(): Promise<void>
}
