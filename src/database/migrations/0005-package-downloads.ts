import type { Migration } from './migration.ts'

/** How often packages are downloaded, by day. */
export const packageDownloads: Migration = {
  async up(db) {
    await db.schema
      .createTable('package_downloads')
      // Older nodes purge packages without knowing of their counts.
      .addColumn('package_id', 'integer', (c) => c.notNull().references('packages.id').onDelete('cascade'))
      .addColumn('day', 'integer', (c) => c.notNull())
      .addColumn('count', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('package_downloads_key', ['package_id', 'day'])
      .execute()
    await db.schema.createIndex('package_downloads_day').on('package_downloads').column('day').execute()
  },
}
