/** What keeps lists and search quick where there are a million packages. */
import { sql, type Kysely } from 'kysely'
import { engineOf } from '../engine.ts'
import type { Migration } from './migration.ts'

type Db = Kysely<any>

/** Indexes of the orders that lists have, and of the parts of names. */
export const search: Migration = {
  async up(db: Db) {
    await orders(db)
    if (engineOf(db) === 'postgres') await trigramIndex(db)
    else await trigramTable(db)
  },
  fill: async (db: Db) => (engineOf(db) === 'postgres' ? false : fillTrigrams(db)),
}

/** Those that end in what lists ask of each row are read without a look at the rows. */
const indexes: readonly (readonly [table: string, name: string, columns: readonly string[]])[] = [
  ['names', 'names_in_order', ['name', 'id', 'project_id']],
  ['names', 'names_of_project_in_order', ['project_id', 'name', 'id']],
  ['names', 'names_changed', ['project_id', 'changed_at', 'id']],
  ['packages', 'packages_published', ['project_id', 'created_at', 'id', 'status', 'format']],
  ['packages', 'packages_numbered', ['project_id', 'id', 'status', 'format']],
  ['packages', 'packages_of_name', ['name_id', 'id', 'status', 'created_at']],
]
/** Beginnings of those. */
const superseded = ['packages_project', 'packages_name']

async function orders(db: Db): Promise<void> {
  for (const [table, name, columns] of indexes) {
    await db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute()
  }
  for (const name of superseded) await db.schema.dropIndex(name).execute()
}

async function trigramIndex(db: Db): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db)
  await sql`create index names_parts on names using gin (lower(name) gin_trgm_ops)`.execute(db)
}

/** A trigger keeps it, so that an older server which does not know of it keeps it too. Names never go or change. */
async function trigramTable(db: Db): Promise<void> {
  await sql`create virtual table names_parts
    using fts5(name, tokenize = 'trigram', content = '', detail = none)`.execute(db)
  await sql`create trigger names_parts_of_new after insert on names begin
    insert into names_parts (rowid, name) values (new.id, new.name);
  end`.execute(db)
}

/** Names of one call. */
const batch = 50_000

/** From the newest of the names that were there before the trigger, down to the first. */
async function fillTrigrams(db: Db): Promise<boolean> {
  const { rows } = await sql<{
    id: number
  }>`select rowid as id from names_parts order by rowid limit 1`.execute(db)
  const before = rows[0]?.id ?? Number.MAX_SAFE_INTEGER
  const { numAffectedRows } = await sql`insert into names_parts (rowid, name)
    select id, name from names where id < ${before} order by id desc limit ${batch}`.execute(db)
  return Number(numAffectedRows) === batch
}
