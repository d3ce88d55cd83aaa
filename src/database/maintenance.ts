import type { Db } from './database.ts'

/** A table as the database itself describes it, so that none can be forgotten. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly string[]
  /** Its columns, in order; at least one. */
  readonly primaryKey: readonly string[]
  /** The highest id given so far, also to a row that is gone; undefined where ids are not given by the database. */
  readonly lastId: number | undefined
}

/** A state of the database that stays readable, on a connection of its own, until it is closed. */
export interface OpenSnapshot {
  readonly db: Db
  close(): Promise<void>
}

/** What an engine says of itself. */
export interface Inspection {
  readonly version: string
  /** By the database's own clock, in milliseconds since 1970. */
  readonly now: number
  /** Settings under which an acknowledged commit may be lost, and what to do about each. */
  readonly complaints: readonly string[]
}

/** What only backup, restore and doctor need of a database; each engine has its own. */
export interface Maintenance {
  readonly engine: 'sqlite' | 'postgres'
  /** Reading it, however long, holds up nobody else. */
  openSnapshot(): Promise<OpenSnapshot>
  /** The ordinary tables, by name, without those of the migrations and what the engine derives by itself. */
  tables(db: Db): Promise<TableShape[]>
  /**
   * One transaction alone that fills empty tables: references are checked only at its end, so rows may come in any
   * order. Throws if one leads nowhere.
   */
  load<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** Lets the ids of a table go on behind this one. */
  continueIds(db: Db, table: string, lastId: number): Promise<void>
  inspect(): Promise<Inspection>
}
