import type { Kysely } from 'kysely'

/**
 * One step of the schema. Nodes are upgraded one after the other, so a step only expands: new tables, new columns that
 * are empty or have a default, new indexes. What nothing reads any more goes with a later release, in a step that
 * says which the oldest code is that can live without it.
 */
export interface Migration {
  /** Changes the schema, in one transaction with the note that it was done. Short: it holds up whoever works meanwhile. */
  up(db: Kysely<any>): Promise<void>
  /**
   * Fills what `up` added, a batch each call, each a transaction of its own, while older nodes go on working. True:
   * there may be more. It begins again where it was broken off, so it looks for what is not filled yet.
   */
  readonly fill?: (db: Kysely<any>) => Promise<boolean>
  /** Of a step that takes something away: the newest step known to the oldest code that works on afterwards. */
  readonly leastKnown?: string
}
