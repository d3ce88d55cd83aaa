import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** What record functions take: a pool, a snapshot or a transaction. */
export type Db = Kysely<Schema>

export interface WriteOptions {
  /**
   * Let it run beside other writes, unless they have one of these keys too. For what is right without being alone; an
   * engine with one writer at a time takes no notice.
   */
  readonly beside?: readonly string[]
}

/** The one way to the records. Times in it are milliseconds since 1970, UTC. */
export interface Database {
  /** Single reading statements, each seeing everything committed before it began. */
  readonly read: Db
  /** Several reading statements that see one and the same state. */
  snapshot<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** One transaction: all of it or nothing. No file, network or other slow work inside. */
  write<T>(work: (db: Db) => Promise<T>, options?: WriteOptions): Promise<T>
  /** A number that differs whenever anything was committed since it was last asked, by whomever. */
  changes(): number
  /** Operation counters. */
  readonly counts: { statements: number }
  /** Whether an error says that a uniqueness constraint was violated. */
  isUniqueViolation(error: unknown): boolean
  close(): Promise<void>
}
