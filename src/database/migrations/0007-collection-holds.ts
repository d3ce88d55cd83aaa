import type { Migration } from './migration.ts'

/** What keeps collection from deleting bytes for a while. */
export const collectionHolds: Migration = {
  async up(db) {
    await db.schema
      .createTable('collection_holds')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('holder', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .execute()
  },
}
