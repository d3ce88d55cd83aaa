import { sql, type CreateTableBuilder, type Kysely } from 'kysely'

type Table = (name: string) => CreateTableBuilder<string, never>

/** What happened, and who is told of it. */
export async function events(db: Kysely<any>, table: Table): Promise<void> {
  await table('events')
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('project_id', 'integer')
    .addColumn('group_id', 'integer')
    .addColumn('format', 'text')
    .addColumn('name', 'text')
    .addColumn('version', 'text')
    .addColumn('user_id', 'integer')
    .addColumn('token_id', 'integer')
    .addColumn('actor', 'text')
    .addColumn('address', 'text')
    .addColumn('request_id', 'text')
    .addColumn('detail', 'text')
    .execute()
  await db.schema.createIndex('events_at').on('events').column('at').execute()
  // What audit is asked by. In each of them rows with the same value stand in the order of their numbers.
  for (const column of ['project_id', 'group_id', 'kind', 'name', 'user_id', 'request_id']) {
    await db.schema
      .createIndex(`events_${column}`)
      .on('events')
      .column(column)
      .where(sql.ref(column), 'is not', null)
      .execute()
  }
  await table('webhooks')
    .addColumn('group_id', 'integer', (c) => c.references('groups.id'))
    .addColumn('project_id', 'integer', (c) => c.references('projects.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('secret', 'text')
    .addColumn('events', 'text', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    .addColumn('cursor', 'integer', (c) => c.notNull())
    .addColumn('failures', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('last_at', 'bigint')
    .addColumn('last_status', 'integer')
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  for (const column of ['group_id', 'project_id']) {
    await db.schema.createIndex(`webhooks_${column}`).on('webhooks').column(column).execute()
  }
}
