/** How to open a database. */
export interface OpenOptions {
  /**
   * Left out: migrated to the newest schema. `upTo`: a new database gets the schema as it was after that migration, one
   * that has a schema keeps it. 'as it is': nothing is migrated.
   */
  readonly schema?: { readonly upTo: string } | 'as it is'
}
