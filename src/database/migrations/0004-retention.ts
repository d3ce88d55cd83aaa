import { sql, type Kysely } from 'kysely'
import type { Migration } from './migration.ts'

/** What owners rule about packages leaving by themselves. */
export const retention: Migration = {
  async up(db: Kysely<any>) {
    await db.schema
      .createTable('retention_rules')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('project_id', 'integer', (c) => c.references('projects.id'))
      .addColumn('group_id', 'integer', (c) => c.references('groups.id'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('enabled', 'integer', (c) => c.notNull())
      .addColumn('format', 'text')
      .addColumn('name_pattern', 'text', (c) => c.notNull())
      .addColumn('version_pattern', 'text', (c) => c.notNull())
      .addColumn('stability', 'text', (c) => c.notNull())
      .addColumn('keep_n', 'integer')
      .addColumn('older_than_days', 'integer')
      .addColumn('age_from', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .execute()
    for (const column of ['project_id', 'group_id']) {
      await db.schema
        .createIndex(`retention_rules_${column}`)
        .on('retention_rules')
        .column(column)
        .where(sql.ref(column), 'is not', null)
        .execute()
    }
    await db.schema
      .createTable('cleanup_policies')
      .addColumn('project_id', 'integer', (c) => c.primaryKey().references('projects.id'))
      .addColumn('keep_n_duplicated_files', 'integer', (c) => c.notNull())
      .execute()
  },
}
