import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { sql, type Kysely } from 'kysely'
import { makeTestDatabase } from '../../test/database.ts'
import { configure } from '../app.ts'
import type { Database } from './database.ts'
import { engineOf } from './engine.ts'
import type { OpenOptions } from './open-options.ts'
import { openDatabase } from './open.ts'
import { search } from './migrations/0008-search.ts'

const tables = ['names', 'packages']
const superseded = ['packages_name', 'packages_project']

/** An empty database, and how it is opened. */
async function place(t: TestContext) {
  const data = await mkdtemp(join(tmpdir(), 'entrepot-search-'))
  t.after(() => rm(data, { recursive: true, force: true }))
  const { env, drop } = await makeTestDatabase({ isEmpty: true })
  t.after(drop)
  const config = configure({ env: { ENTREPOT_DATA: data, ...env } })
  return async function opened<T>(
    options: Pick<OpenOptions, 'schema'>,
    look: (database: Database) => Promise<T>,
  ) {
    const database = await openDatabase(config.database, options)
    try {
      return await look(database)
    } finally {
      await database.close()
    }
  }
}

/** The indexes of names and packages, and what they are on. */
async function indexesIn(db: Kysely<any>): Promise<Map<string, string>> {
  const { rows } =
    engineOf(db) === 'postgres'
      ? await sql<{ name: string; words: string }>`
          select indexname as name, indexdef as words from pg_indexes where tablename in (${sql.join(tables)})`.execute(
          db,
        )
      : await sql<{ name: string; words: string }>`
          select name, sql as words from sqlite_master
          where type = 'index' and sql is not null and tbl_name in (${sql.join(tables)})`.execute(db)
  return new Map(rows.map(({ name, words }) => [name, words]))
}

/** Those that it makes on the engine. */
const namesOfNew = (db: Kysely<any>) =>
  search.indexes!.filter(({ only }) => !only || only === engineOf(db)).map(({ name }) => name)

describe('the indexes of lists', () => {
  it('are made beside the others: the step itself looks at no row, and drops none that is in use', async (t) => {
    const opened = await place(t)
    await opened({ schema: { upTo: '0007-collection-holds' } }, async (database) => {
      const before = await indexesIn(database.read)
      for (const name of superseded) assert.ok(before.has(name), name)
      const undone = database.write(async (db) => {
        await search.up(db)
        assert.deepEqual(await indexesIn(db), before)
        throw new Error('undo it')
      })
      await assert.rejects(undone, /undo it/)
    })
    await opened({}, async ({ read }) => {
      const after = await indexesIn(read)
      for (const name of namesOfNew(read)) assert.ok(after.has(name), name)
      for (const name of superseded) assert.ok(!after.has(name), name)
    })
  })

  it('are not made again where an earlier version made them as one with the step', async (t) => {
    const opened = await place(t)
    const before = await opened({}, async (database) => {
      await database.write((db) =>
        db.insertInto('instance').values({ key: 'schema.fill.0008-search', value: '' }).execute(),
      )
      return indexesIn(database.read)
    })
    await opened({}, async ({ read }) => {
      assert.deepEqual(await indexesIn(read), before)
      const facts = await read
        .selectFrom('instance')
        .select('key')
        .where('key', 'like', 'schema.fill.%')
        .execute()
      assert.deepEqual(facts, [])
    })
  })
})
