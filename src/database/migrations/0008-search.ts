/** What keeps lists and search quick where there are a million packages. */
import { sql, type Kysely } from 'kysely'
import { engineOf } from '../engine.ts'
import type { Migration } from './migration.ts'

type Db = Kysely<any>

/**
 * Indexes of the orders that lists have, and of the parts of names. Those that end in what lists ask of each row are read
 * without a look at the rows.
 */
export const search: Migration = {
  async up(db: Db) {
    if (engineOf(db) === 'postgres') await sql`create extension if not exists pg_trgm`.execute(db)
    else await trigramTable(db)
  },
  indexes: [
    { name: 'names_in_order', on: 'names (name, id, project_id)' },
    { name: 'names_of_project_in_order', on: 'names (project_id, name, id)' },
    { name: 'names_changed', on: 'names (project_id, changed_at, id)' },
    { name: 'packages_published', on: 'packages (project_id, created_at, id, status, format)' },
    { name: 'packages_numbered', on: 'packages (project_id, id, status, format)' },
    { name: 'packages_of_name', on: 'packages (name_id, id, status, created_at)' },
    { name: 'names_parts', on: 'names using gin (lower(name) gin_trgm_ops)', only: 'postgres' },
  ],
  async fill(db: Db) {
    await dropSuperseded(db)
    return engineOf(db) === 'postgres' ? false : fillTrigrams(db)
  },
}

/** Beginnings of those: nobody misses them once these are made. */
async function dropSuperseded(db: Db): Promise<void> {
  // Where somebody keeps the table busy for longer, requests pass and it is tried again.
  if (engineOf(db) === 'postgres') await sql`set local lock_timeout = 400`.execute(db)
  for (const name of ['packages_project', 'packages_name'])
    await db.schema.dropIndex(name).ifExists().execute()
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
