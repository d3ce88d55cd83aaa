/** Backups move a server between engines and stores: from SQLite and a disk to PostgreSQL and a bucket, and back. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { configure } from '../../src/app.ts'
import { openDatabase } from '../../src/database/open.ts'
import { openLocalStore } from '../../src/storage/local.ts'
import { openStore } from '../../src/storage/open.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { publishTiny } from '../publish-tiny.ts'
import {
  assertAllVerify,
  backUp,
  lookInto,
  restoreInto,
  temporaryDirectory,
  type RestorePlace,
} from '../recovery.ts'
import { startPostgres, type PostgresServer } from './postgres.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

describe('a backup', () => {
  let app: TestApp
  let postgres: PostgresServer
  let s3: S3Server
  before(async () => {
    ;[app, postgres, s3] = await Promise.all([
      createTestApp(),
      startPostgres({ durable: true }),
      startVersitygw(),
    ])
    await app.group('acme/deep/deeper')
    await app.project('acme/deep/app')
    await publishTiny(app, 'acme/deep/app')
    const big = '/api/v4/projects/acme%2Fdeep%2Fapp/packages/generic/big/1/big.bin'
    assert.equal((await app.root.put(big, Buffer.alloc(7_000_000, 'big'))).status, 201)
  })
  after(async () => {
    await app.close()
    await postgres.stop()
    await s3.stop()
  })

  test('restores from SQLite and a disk into PostgreSQL and a bucket, and back', async (t) => {
    const dir = await temporaryDirectory(t)
    await s3.makeBucket('restored')
    const far = placeOf(join(dir, 'far'), {
      ENTREPOT_DATABASE: await postgres.createDatabase(),
      ...s3.settings('restored'),
    })
    const home = placeOf(join(dir, 'home'), {})

    const { manifest } = await backUp(app.core, join(dir, 'one'))
    await restoreInto(far, join(dir, 'one'))
    await assert.rejects(restoreInto(far, join(dir, 'one')), /the database is not empty/)
    const counts = await lookInto(far, async (database, blobs) => {
      assert.equal(database.maintenance.engine, 'postgres')
      await assertNumbersGoOn(database)
      assert.deepEqual((await database.maintenance.inspect()).complaints, [])
      const files = await assertAllVerify(database, blobs)
      await backUp({ database, blobs }, join(dir, 'two'))
      return files
    })
    const objects = await s3.objects('restored')
    assert.equal(objects.filter((name) => name.startsWith('blobs/')).length, manifest.blobs.count)

    await restoreInto(home, join(dir, 'two'))
    await lookInto(home, async (database, blobs) => {
      assert.equal(database.maintenance.engine, 'sqlite')
      assert.equal(await assertAllVerify(database, blobs), counts)
      const names = (db: typeof database) =>
        db.read.selectFrom('names').select(['id', 'name']).orderBy('id').execute()
      assert.deepEqual(plain(await names(database)), plain(await names(app.core.database)))
    })
  })

  test('of PostgreSQL is one state of it, and checks references when it is loaded', async (t) => {
    const place = placeOf(await temporaryDirectory(t), { ENTREPOT_DATABASE: await postgres.createDatabase() })
    const database = await place.openDatabase({})
    try {
      const { maintenance } = database
      const note = (key: string) =>
        database.write((db) => db.insertInto('instance').values({ key, value: '' }).execute())
      const snapshot = await maintenance.openSnapshot()
      await note('later')
      const seen = await snapshot.db.selectFrom('instance').selectAll().where('key', '=', 'later').execute()
      assert.deepEqual(seen, [])
      await snapshot.close()
      const dangling = maintenance.load((db) =>
        db.insertInto('group_tree').values({ ancestor_id: 7, group_id: 8 }).execute(),
      )
      await assert.rejects(dangling, /references lead nowhere: from group_tree/)
      const wrong = database.write((db) =>
        db.insertInto('group_tree').values({ ancestor_id: 7, group_id: 8 }).execute(),
      )
      await assert.rejects(wrong, /foreign key/, 'the references are there again')
    } finally {
      await database.close()
    }
  })
})

const plain = (rows: readonly object[]) => rows.map((row) => ({ ...row }))

function placeOf(data: string, env: Readonly<Record<string, string>>): RestorePlace {
  const config = configure({ env: { ENTREPOT_DATA: data, ...env } })
  return {
    data,
    openDatabase: (options) => openDatabase(config.database, options),
    openStore: () =>
      config.packages.objectStore ? openStore(config.packages) : openLocalStore(join(data, 'packages')),
  }
}

/** Rows that come after a restore get numbers behind those that were restored. */
async function assertNumbersGoOn(database: Awaited<ReturnType<RestorePlace['openDatabase']>>): Promise<void> {
  const { id: last } = await database.read
    .selectFrom('events')
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const { id } = await database.write((db) =>
    db.insertInto('events').values({ at: 1, kind: 'test' }).returning('id').executeTakeFirstOrThrow(),
  )
  assert.equal(id, last + 1)
}
