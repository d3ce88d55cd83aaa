import type { Kysely } from 'kysely'
import type { Migration } from './migration.ts'

/** What publications add to projects without a limit: rows of their own, so that none waits for another at the project's. */
export const usageChanges: Migration = {
  async up(db: Kysely<any>) {
    await db.schema
      .createTable('usage_changes')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('project_id', 'integer', (c) => c.notNull())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('usage_changes_project').on('usage_changes').column('project_id').execute()
  },
}
