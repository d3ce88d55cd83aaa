import type { Kysely } from 'kysely'
import type { Migration } from './migration.ts'

type Db = Kysely<any>

/** Indexes of what is inside of files: what was read of each file, and the indexes as they were last made. */
export const insides: Migration = {
  async up(db: Db) {
    await table(db, 'file_insides')
      .addColumn('blob_id', 'integer', (c) => c.notNull().references('blobs.id').onDelete('cascade'))
      .addColumn('format', 'text', (c) => c.notNull())
      .addColumn('rule', 'text', (c) => c.notNull())
      .addColumn('text', 'blob', (c) => c.notNull())
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addColumn('problem', 'text')
      .addUniqueConstraint('file_insides_key', ['blob_id', 'format', 'rule'])
      .execute()
    await table(db, 'inside_indexes')
      .addColumn('group_id', 'integer', (c) => c.references('groups.id'))
      .addColumn('project_id', 'integer', (c) => c.references('projects.id'))
      .addColumn('format', 'text', (c) => c.notNull())
      .addColumn('rule', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('scope', 'text', (c) => c.notNull())
      .addColumn('view', 'text', (c) => c.notNull())
      .addColumn('stamp', 'text')
      .addColumn('lists', 'text', (c) => c.notNull())
      .addColumn('revision', 'integer', (c) => c.notNull())
      .addColumn('made_at', 'bigint', (c) => c.notNull())
      .addUniqueConstraint('inside_indexes_view', ['scope', 'view'])
      .execute()
    await db.schema
      .createTable('inside_index_projects')
      .addColumn('index_id', 'integer', (c) =>
        c.notNull().references('inside_indexes.id').onDelete('cascade'),
      )
      .addColumn('project_id', 'integer', (c) => c.notNull().references('projects.id'))
      .addPrimaryKeyConstraint('inside_index_projects_key', ['index_id', 'project_id'])
      .execute()
  },
}

const table = (db: Db, name: string) =>
  db.schema.createTable(name).addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
