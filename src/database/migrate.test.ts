import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Kysely } from 'kysely'
import { isMigrated, migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import { openConnection } from './sqlite/connection.ts'
import { sqliteDialect } from './sqlite/dialect.ts'

/** What is the same on both engines; test/nodes/upgrade.test.ts does it on PostgreSQL, while others work. */
describe('a step of the schema', () => {
  let dir = ''
  let db: Kysely<any>
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'entrepot-migrate-'))
    db = new Kysely<any>({
      dialect: sqliteDialect(openConnection(join(dir, 'test.db'), false), { statements: 0 }),
    })
    await migrate(db)
  })
  after(async () => {
    await db.destroy()
    await rm(dir, { recursive: true, force: true })
  })

  const failing: { now: boolean } = { now: true }
  const step: Migration = {
    async up(trx) {
      await trx.schema.createTable('things').addColumn('size', 'integer').execute()
      await trx
        .insertInto('things')
        .values([{ size: null }, { size: null }])
        .execute()
    },
    indexes: [{ name: 'things_size', on: 'things (size)', isUnique: true }],
    async fill(trx) {
      const empty = await trx.selectFrom('things').select('rowid').where('size', 'is', null).execute()
      if (empty.length === 1 && failing.now) throw new Error('broken off')
      const [first] = empty
      if (first)
        await trx.updateTable('things').set({ size: empty.length }).where('rowid', '=', first.rowid).execute()
      return empty.length > 0
    },
  }
  const next = { ...migrations, '9999-next': step }
  const sizes = async () =>
    (await db.selectFrom('things').select('size').orderBy('size').execute()).map((row) => row.size)

  it('is finished by the next start if it was broken off', async () => {
    await assert.rejects(migrate(db, { migrations: next }), /broken off/)
    assert.deepEqual(await sizes(), [null, 2])
    failing.now = false
    await migrate(db, { migrations: next })
    assert.deepEqual(await sizes(), [1, 2])
    await migrate(db, { migrations: next })
  })

  it('has the indexes it names', async () => {
    await assert.rejects(
      db.insertInto('things').values({ size: 2 }).execute(),
      /UNIQUE constraint failed: things\.size/,
    )
  })

  it('that only newer code knows leaves nothing to do', async () => {
    assert.equal(await isMigrated({}, db), true)
    assert.equal(await isMigrated({ schema: { upTo: '0001-initial' } }, db), true)
  })
})
