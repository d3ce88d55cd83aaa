import type { Kysely } from 'kysely'
import type { Migration } from './migration.ts'

type Db = Kysely<any>

/** Signed sets of indexes: their settings, keys and stored parts; and bytes that come before their publication. */
export const indexSets: Migration = {
  async up(db: Db) {
    await db.schema
      .alterTable('entries')
      .addColumn('list', 'text', (c) => c.notNull().defaultTo(''))
      .execute()
    await settings(db)
    await stored(db)
    await held(db)
  },
}

const table = (db: Db, name: string) =>
  db.schema.createTable(name).addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())

async function settings(db: Db) {
  await table(db, 'index_settings')
    .addColumn('group_id', 'integer', (c) => c.references('groups.id'))
    .addColumn('project_id', 'integer', (c) => c.references('projects.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('rule', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('alias', 'text')
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute()
  await table(db, 'signing_keys')
    .addColumn('group_id', 'integer', (c) => c.references('groups.id'))
    .addColumn('project_id', 'integer', (c) => c.references('projects.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('private_key', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('retired_at', 'bigint')
    .execute()
  for (const owner of ['group_id', 'project_id']) {
    const at = (name: string, on: string) => db.schema.createIndex(`${on}_${owner}_${name}`).on(on).unique()
    await at('key', 'index_settings').columns([owner, 'format', 'rule', 'key']).execute()
    await at('alias', 'index_settings').columns([owner, 'format', 'rule', 'alias']).execute()
    await at('fingerprint', 'signing_keys').columns([owner, 'format', 'fingerprint']).execute()
  }
}

async function stored(db: Db) {
  await table(db, 'index_sets')
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('view', 'text', (c) => c.notNull())
    .addColumn('stamp', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('index_sets_stamp', ['scope', 'view', 'stamp'])
    .execute()
  await table(db, 'index_set_parts')
    .addColumn('set_id', 'integer', (c) => c.notNull().references('index_sets.id').onDelete('cascade'))
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('lasting', 'text')
    .addColumn('content_type', 'text', (c) => c.notNull())
    .addColumn('headers', 'text', (c) => c.notNull())
    .addColumn('form', 'text', (c) => c.notNull())
    .addColumn('text', 'text')
    .addColumn('runs', 'text')
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addUniqueConstraint('index_set_parts_path', ['set_id', 'path'])
    .execute()
  await db.schema.createIndex('index_set_parts_lasting').on('index_set_parts').column('lasting').execute()
  await table(db, 'index_runs')
    .addColumn('sha256', 'text', (c) => c.notNull().unique())
    .addColumn('gzip', 'blob', (c) => c.notNull())
    .addColumn('zstd', 'blob', (c) => c.notNull())
    .addColumn('used_at', 'bigint', (c) => c.notNull())
    .execute()
}

async function held(db: Db) {
  await table(db, 'held_blobs')
    .addColumn('project_id', 'integer', (c) => c.notNull().references('projects.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('holder', 'text', (c) => c.notNull())
    .addColumn('under', 'text', (c) => c.notNull())
    .addColumn('blob_id', 'integer', (c) => c.notNull().references('blobs.id'))
    .addColumn('held_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('held_blobs_key', ['project_id', 'format', 'holder', 'under', 'blob_id'])
    .execute()
  await db.schema.createIndex('held_blobs_blob').on('held_blobs').column('blob_id').execute()
}
