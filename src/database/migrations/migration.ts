import type { Kysely } from 'kysely'
import type { BigIndex } from '../big-index.ts'

/**
 * One step of the schema. Nodes are upgraded one after the other, so a step only expands: new tables, new columns that
 * are empty or have a default, new indexes. What nothing reads any more goes with a later release, in a step that
 * says which the oldest code is that can live without it.
 *
 * It is done in the order `up`, `indexes`, `fill`. One that was broken off, wherever that was, is finished by the next start.
 */
export interface Migration {
  /**
   * Changes the schema, in one transaction with the note that it was done. Short: whoever works with the tables it
   * changes waits, so no statement here looks at the rows of a table that was there before. On PostgreSQL it is begun
   * again where somebody else keeps one of its tables busy.
   */
  up(db: Kysely<any>): Promise<void>
  /** Indexes of tables that were there before: made one after the other while all nodes go on working. */
  readonly indexes?: readonly BigIndex[]
  /**
   * Fills what `up` added, a batch each call, each a transaction of its own, while older nodes go on working. True:
   * there may be more. It begins again where it was broken off, so it looks for what is not filled yet. What older
   * nodes write meanwhile and afterwards is filled by a default or a trigger that `up` makes.
   */
  readonly fill?: (db: Kysely<any>) => Promise<boolean>
  /** Of a step that takes something away: the newest step known to the oldest code that works on afterwards. */
  readonly leastKnown?: string
}
