/** A step that there might be: a column that is filled for rows there are, a table, and an index that takes seconds to make. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from '../../../src/database/migrations/migration.ts'

type Db = Kysely<any>

export const nextName = '9999-next'
/** Its index. */
export const nextIndex = 'packages_origin'
/** Names where in it the process kills itself: `up` or `fill`. */
export const diesIn = 'TEST_DIES_IN'

/** Rows of a call of `fill`. */
const batch = 2_000
/** `fill` dies in this call. */
const fatalCall = 10

let calls = 0

export const nextMigration: Migration = {
  async up(db: Db) {
    await db.schema.alterTable('packages').addColumn('origin', 'text').execute()
    await sql`alter table packages alter column origin set default 'published'`.execute(db)
    await db.schema
      .createTable('next_steps')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('step', 'text', (c) => c.notNull())
      .addColumn('pid', 'integer', (c) => c.notNull())
      .execute()
    await sql`create function as_with_millions(id bigint) returns bigint language plpgsql immutable as
      $$ begin if id % 50 = 0 then perform pg_sleep(0.002); end if; return id; end $$`.execute(db)
    await note(db, 'up')
    if (process.env[diesIn] === 'up') await die()
  },
  // 100,000 rows are indexed in 5 s, as with millions of rows and without the sleep.
  indexes: [{ name: nextIndex, on: 'packages (as_with_millions(id), origin)' }],
  async fill(db: Db) {
    const { numAffectedRows } = await sql`update packages set origin = 'older'
      where id in (select id from packages where origin is null limit ${batch})`.execute(db)
    await note(db, 'fill')
    if (process.env[diesIn] === 'fill' && ++calls === fatalCall) await die()
    return Number(numAffectedRows) === batch
  },
}

const note = (db: Db, step: string) =>
  db.insertInto('next_steps').values({ step, pid: process.pid }).execute()

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}
