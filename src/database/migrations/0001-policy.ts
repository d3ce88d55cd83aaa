import type { CreateTableBuilder, Kysely } from 'kysely'

type Table = (name: string) => CreateTableBuilder<string, never>

/** Rules that owners of groups and projects set about names and publications. */
export async function policy(db: Kysely<any>, table: Table): Promise<void> {
  await db.schema
    .createTable('package_settings')
    .addColumn('group_id', 'integer', (c) => c.notNull().references('groups.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('duplicates', 'text', (c) => c.notNull())
    .addColumn('exception', 'text')
    .addPrimaryKeyConstraint('package_settings_key', ['group_id', 'format'])
    .execute()
  await table('protection_rules')
    .addColumn('project_id', 'integer', (c) => c.notNull().references('projects.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('pattern', 'text', (c) => c.notNull())
    .addColumn('push_level', 'integer')
    .addColumn('delete_level', 'integer')
    .addColumn('only_by', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('protection_rules_pattern', ['project_id', 'format', 'pattern'])
    .execute()
  await db.schema
    .createTable('name_owners')
    .addColumn('group_id', 'integer', (c) => c.notNull().references('groups.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('project_id', 'integer', (c) => c.notNull().references('projects.id'))
    .addPrimaryKeyConstraint('name_owners_key', ['format', 'key', 'group_id'])
    .execute()
  await table('name_reservations')
    .addColumn('group_id', 'integer', (c) => c.notNull().references('groups.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('pattern', 'text', (c) => c.notNull())
    .addColumn('project_id', 'integer', (c) => c.references('projects.id'))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('name_reservations_pattern', ['group_id', 'format', 'pattern'])
    .execute()
  await table('name_mixing')
    .addColumn('group_id', 'integer', (c) => c.notNull().references('groups.id'))
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('pattern', 'text', (c) => c.notNull())
    .addColumn('project_ids', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('name_mixing_pattern', ['group_id', 'format', 'pattern'])
    .execute()
}
