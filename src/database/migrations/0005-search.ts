/** What keeps lists and search quick where there are a million packages. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { engineOf } from '../engine.ts'

type Db = Kysely<any>

/** Indexes of the orders that lists have, and of the parts of names. Adds only: older servers go on as before. */
export const search: Migration = {
  async up(db: Db) {
    await orders(db)
    if (engineOf(db) === 'postgres') await trigramIndex(db)
    else await trigramTable(db)
  },
}

const indexes: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['names', ['name', 'id']],
  ['names', ['project_id', 'changed_at', 'id']],
  ['packages', ['project_id', 'id']],
  ['packages', ['name_id', 'id']],
]

async function orders(db: Db): Promise<void> {
  for (const [table, columns] of indexes) {
    await db.schema
      .createIndex(`${table}_by_${columns.join('_')}`)
      .on(table)
      .columns([...columns])
      .execute()
  }
}

async function trigramIndex(db: Db): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db)
  await sql`create index names_parts on names using gin (lower(name) gin_trgm_ops)`.execute(db)
}

/** Triggers keep it, so that a server which does not know of it keeps it too. Names are never deleted or renamed. */
async function trigramTable(db: Db): Promise<void> {
  await sql`create virtual table names_parts using fts5(name, tokenize = 'trigram', content = '', detail = none)`.execute(
    db,
  )
  await sql`insert into names_parts (rowid, name) select id, name from names`.execute(db)
  await sql`create trigger names_parts_of_new after insert on names begin
    insert into names_parts (rowid, name) values (new.id, new.name);
  end`.execute(db)
}
