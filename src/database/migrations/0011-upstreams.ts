import { sql, type Kysely } from 'kysely'
import type { Migration } from './migration.ts'

type Db = Kysely<any>

/** Where registries fill from, and what they keep of it. */
export const upstreams: Migration = {
  async up(db: Db) {
    await sources(db)
    await kept(db)
    await refused(db)
    await fetching(db)
  },
  // A hosted name hides upstream names that differ from it in case only.
  indexes: [{ name: 'names_folded', on: 'names (format, lower(key))' }],
}

const table = (db: Db, name: string) =>
  db.schema.createTable(name).addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())

async function sources(db: Db) {
  await table(db, 'upstreams')
    .addColumn('group_id', 'integer', (c) => c.references('groups.id'))
    .addColumn('project_id', 'integer', (c) => c.references('projects.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('username', 'text')
    .addColumn('credential', 'text')
    .addColumn('ttl_seconds', 'integer', (c) => c.notNull())
    .addColumn('include', 'text', (c) => c.notNull())
    .addColumn('exclude', 'text', (c) => c.notNull())
    .addColumn('keep_days_unused', 'integer')
    .addColumn('max_bytes', 'bigint')
    .addColumn('anonymous_fill', 'integer', (c) => c.notNull())
    .addColumn('offline', 'integer', (c) => c.notNull())
    .addColumn('mixes', 'integer', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('deleted_at', 'bigint')
    .execute()
  for (const column of ['group_id', 'project_id'])
    await db.schema.createIndex(`upstreams_${column}`).on('upstreams').column(column).execute()
  await db.schema
    .createTable('upstream_stops')
    .addColumn('group_id', 'integer', (c) => c.notNull().references('groups.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('upstream_stops_key', ['group_id', 'format'])
    .execute()
}

async function kept(db: Db) {
  await table(db, 'upstream_documents')
    .addColumn('upstream_id', 'integer', (c) => c.notNull().references('upstreams.id'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('blob_id', 'integer', (c) => c.notNull().references('blobs.id'))
    .addColumn('encoding', 'text', (c) => c.notNull())
    .addColumn('etag', 'text')
    .addColumn('last_modified', 'text')
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addColumn('checked_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('upstream_documents_key', ['upstream_id', 'key'])
    .execute()
  await table(db, 'upstream_files')
    .addColumn('upstream_id', 'integer', (c) => c.notNull().references('upstreams.id'))
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('version', 'text')
    .addColumn('blob_id', 'integer', (c) => c.notNull().references('blobs.id'))
    .addColumn('kept_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('upstream_files_path', ['upstream_id', 'path'])
    .execute()
  for (const one of ['upstream_documents', 'upstream_files']) {
    await db.schema.createIndex(`${one}_used`).on(one).columns(['upstream_id', 'last_used_at']).execute()
    await db.schema.createIndex(`${one}_blob`).on(one).column('blob_id').execute()
  }
  await table(db, 'upstream_pins')
    .addColumn('root_id', 'integer', (c) => c.notNull())
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('version', 'text')
    .addColumn('digests', 'text', (c) => c.notNull())
    .addColumn('first_seen_at', 'bigint', (c) => c.notNull())
    .addColumn('refused_at', 'bigint')
    .addColumn('refused_digests', 'text')
    .addUniqueConstraint('upstream_pins_path', ['root_id', 'format', 'path'])
    .execute()
  await db.schema
    .createIndex('upstream_pins_name')
    .on('upstream_pins')
    .columns(['root_id', 'format', 'name'])
    .execute()
}

/** Of the pins those against which something was offered: few. */
async function refused(db: Db) {
  await db.schema
    .createIndex('upstream_pins_refused')
    .on('upstream_pins')
    .columns(['root_id', 'format', 'name'])
    .where(sql.ref('refused_at'), 'is not', null)
    .execute()
}

async function fetching(db: Db) {
  await db.schema
    .createTable('upstream_fetches')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('holder', 'text', (c) => c.notNull())
    .addColumn('fence', 'integer', (c) => c.notNull())
    .addColumn('progress_at', 'bigint', (c) => c.notNull())
    .execute()
}
