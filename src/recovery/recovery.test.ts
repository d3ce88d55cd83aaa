import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { cp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { publishTiny } from '../../test/publish-tiny.ts'
import {
  assertAllVerify,
  backUp,
  lookInto,
  restoreInto,
  restorePlace,
  temporaryDirectory,
} from '../../test/recovery.ts'
import { checkRestored, checkSecretKey } from '../core/records/instance.ts'
import type { Database } from '../database/database.ts'
import { appliedMigrations, knownMigrations } from '../database/migrate.ts'
import { beginSnapshot, prepareBackupDirectory } from './backup-directory.ts'
import { exportTables } from './export-tables.ts'
import { secretKeyNote, type Manifest } from './manifest.ts'
import { readTable, tablePath } from './table-files.ts'

let app: TestApp
before(async () => {
  // Nothing changes behind the test's back.
  app = await createTestApp({ env: { ENTREPOT_JOBS__IN_SERVER: 'false' } })
  await app.project('acme/app')
  await publishTiny(app, 'acme/app')
  await app.root.put('/api/v4/projects/acme%2Fapp/packages/generic/big/1/big.bin', Buffer.alloc(3_000_000, 7))
  await app.root.put('/api/v4/projects/acme%2Fapp/packages/generic/none/1/empty.bin', '')
})
after(() => app.close())

/** All rows of a database, without what a restore changes on purpose. */
async function contents({ read, maintenance }: Database): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {}
  for (const { name, primaryKey } of await maintenance.tables(read)) {
    const order = sql.join(primaryKey.map((column) => sql.ref(column)))
    const { rows } = await sql<object>`select * from ${sql.table(name)} order by ${order}`.execute(read)
    found[name] = rows.map((row) => ({
      ...row,
      storage_key: '',
      lease_until: '',
      transaction: '',
      corrupt_at: '',
    }))
  }
  return found
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
}

describe('a backup', () => {
  test('restores to the same records and the same bytes', async (t) => {
    const directory = join(await temporaryDirectory(t), 'backup')
    const { manifest, copied } = await backUp(app.core, directory)
    assert.deepEqual(copied, manifest.blobs)
    assert.deepEqual(manifest.damaged, [])
    const place = await restorePlace(t)
    await restoreInto(place, directory)
    const was = await contents(app.core.database)
    await lookInto(place, async (database, blobs) => {
      assert.deepEqual(await contents(database), was)
      const files = await assertAllVerify(database, blobs)
      assert.equal(files, was['files']!.length)
      assert.ok(files >= 6)
    })
  })

  test('holds every table there is, whoever added it', async (t) => {
    const { database } = app.core
    const rows = Array.from({ length: 3000 }, (_, n) => ({
      word: `w${n % 60}`,
      place: n,
      bytes: n % 2 ? Buffer.from([n % 256, 0]) : null,
    }))
    await database.write(async (db) => {
      await db.schema
        .createTable('later_things')
        .addColumn('word', 'text', (c) => c.notNull())
        .addColumn('place', 'integer', (c) => c.notNull())
        .addColumn('bytes', database.maintenance.engine === 'sqlite' ? 'blob' : 'bytea')
        .addPrimaryKeyConstraint('later_things_key', ['word', 'place'])
        .execute()
      for (const half of [rows.slice(0, 1500), rows.slice(1500)]) {
        await db
          .insertInto('later_things' as 'instance')
          .values(half as never)
          .execute()
      }
    })
    t.after(() => database.write((db) => db.schema.dropTable('later_things').execute()))
    const directory = join(await temporaryDirectory(t), 'backup')
    const { manifest, path } = await backUp(app.core, directory)
    assert.equal(manifest.tables.find(({ name }) => name === 'later_things')?.rows, 3000)
    const read = await Array.fromAsync(readTable(tablePath(path, 'later_things')))
    assert.deepEqual(
      read.toSorted((a, b) => Number(a['place']) - Number(b['place'])),
      rows,
    )
  })

  test('names every table of the schema, each with a key to page by', async () => {
    const { read, maintenance } = app.core.database
    const tables = await maintenance.tables(read)
    const introspected = await read.introspection.getTables()
    const derived = /^names_parts/
    assert.deepEqual(
      tables.map(({ name }) => name),
      introspected
        .filter(({ isView, name }) => !isView && !derived.test(name))
        .map(({ name }) => name)
        .toSorted(),
    )
    for (const { name, primaryKey } of tables) assert.ok(primaryKey.length > 0, name)
    const naming = tables.filter(({ columns }) =>
      columns.some((column) => /storage_key|blob_key/.test(column)),
    )
    assert.deepEqual(
      naming.map(({ name }) => name),
      ['blobs'],
      'bytes that another table names would not be copied',
    )
  })

  test('into the same directory copies only what is new, and every snapshot restores', async (t) => {
    const directory = join(await temporaryDirectory(t), 'backup')
    const first = await backUp(app.core, directory)
    await app.root.put('/api/v4/projects/acme%2Fapp/packages/generic/new/1/new.bin', 'something new')
    const second = await backUp(app.core, directory)
    assert.equal(second.copied.count, 1)
    assert.equal(second.manifest.blobs.count, first.manifest.blobs.count + 1)
    const names = await readdir(join(directory, 'snapshots'))
    assert.equal(names.length, 2)
    for (const [index, snapshot] of names.toSorted().entries()) {
      const place = await restorePlace(t)
      await restoreInto(place, directory, { snapshot })
      const files = await lookInto(place, assertAllVerify)
      const now = (await contents(app.core.database))['files']!.length
      assert.equal(files, index === 0 ? now - 1 : now)
    }
  })

  test('copies again what an earlier one left cut short, and with rehash what was altered', async (t) => {
    const directory = join(await temporaryDirectory(t), 'backup')
    await backUp(app.core, directory)
    const copies = (await filesIn(join(directory, 'blobs'))).map((path) => ({
      path,
      size: statSync(path).size,
    }))
    const [one, other] = copies.filter(({ size }) => size > 0)
    await truncate(one!.path, 0)
    await writeFile(other!.path, 'x'.repeat(other!.size))
    assert.equal((await backUp(app.core, directory)).copied.count, 1)
    assert.equal((await backUp(app.core, directory, { rehash: true })).copied.count, 1)
    assert.equal((await backUp(app.core, directory, { rehash: true })).copied.count, 0)
  })

  test('lets go of collection, also when it fails', async (t) => {
    const { database, blobs } = app.core
    const directory = join(await temporaryDirectory(t), 'backup')
    const holders: number[] = []
    const watching = {
      ...blobs,
      open(key: string) {
        void database.read
          .selectFrom('collection_holds')
          .selectAll()
          .execute()
          .then((rows) => holders.push(rows.length))
        return blobs.open(key)
      },
    }
    await backUp({ database, blobs: watching }, directory)
    assert.ok(holders.length > 0 && holders.every((count) => count === 1))
    const broken = {
      ...blobs,
      open(): never {
        throw new Error('the disk is on fire')
      },
    }
    await assert.rejects(backUp({ database, blobs: broken }, `${directory}-2`), /on fire/)
    assert.deepEqual(await database.read.selectFrom('collection_holds').selectAll().execute(), [])
    assert.deepEqual(await readdir(join(`${directory}-2`, 'snapshots')), [])
  })

  test('names what is damaged in storage and holds the rest', async (t) => {
    const { database, blobs, config } = app.core
    const directory = join(await temporaryDirectory(t), 'backup')
    await app.root.put('/api/v4/projects/acme%2Fapp/packages/generic/bad/1/bad.bin', 'soon to be bad')
    const row = await database.read
      .selectFrom('blobs')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    await writeFile(join(config.packages.storagePath, 'blobs', row.storage_key), 'soon to be BAD')
    const { manifest } = await backUp({ database, blobs }, directory)
    assert.deepEqual(
      manifest.damaged.map(({ sha256 }) => sha256),
      [row.sha256],
    )
    const place = await restorePlace(t)
    const report = await restoreInto(place, directory)
    assert.deepEqual(
      report.damaged.map(({ sha256 }) => sha256),
      [row.sha256],
    )
    await assert.rejects(lookInto(place, assertAllVerify), /are missing/)
    await writeFile(join(config.packages.storagePath, 'blobs', row.storage_key), 'soon to be bad')
  })

  test('stays away from a directory that is something else', async (t) => {
    const directory = await temporaryDirectory(t)
    await writeFile(join(directory, 'thesis.txt'), 'precious')
    await assert.rejects(backUp(app.core, directory), /holds no backup of Entrepot/)
    assert.deepEqual(await readdir(directory), ['thesis.txt'])
  })
})

describe('a restore', () => {
  test('goes on where it was interrupted, and no server starts before it is done', async (t) => {
    const directory = join(await temporaryDirectory(t), 'backup')
    await backUp(app.core, directory)
    const place = await restorePlace(t)
    const files = await filesIn(join(directory, 'blobs'))
    const hidden = files.toSorted().slice(0, 2)
    for (const file of hidden) {
      await cp(file, `${file}.aside`)
      await rm(file)
    }
    await assert.rejects(restoreInto(place, directory), /2 blobs are missing or damaged/)
    const written = await lookInto(place, async (database, blobs) => {
      await assert.rejects(checkRestored(database.read), /is not finished/)
      return blobs.isEmpty()
    })
    assert.equal(written, false)
    for (const file of hidden) await cp(`${file}.aside`, file)
    let writes = 0
    await restoreInto(place, directory, {
      async openStore() {
        const blobs = await place.openStore()
        return { ...blobs, write: (body) => (writes++, blobs.write(body)) }
      },
    })
    assert.equal(writes, 2)
    await lookInto(place, assertAllVerify)
  })

  test('writes nothing over what is there', async (t) => {
    const directory = join(await temporaryDirectory(t), 'backup')
    await backUp(app.core, directory)
    const place = await restorePlace(t)
    await restoreInto(place, directory)
    await assert.rejects(restoreInto(place, directory), /the database is not empty/)
    const other = await restorePlace(t)
    await assert.rejects(
      restoreInto(other, directory, { openStore: place.openStore }),
      /storage of packages is not empty/,
    )
  })

  test('refuses a backup that is not what its manifest says', async (t) => {
    const directory = join(await temporaryDirectory(t), 'backup')
    const { path } = await backUp(app.core, directory)
    await truncate(join(path, 'packages.ndjson.gz'), 30)
    const place = await restorePlace(t)
    await assert.rejects(restoreInto(place, directory), /packages\.ndjson\.gz is not what its manifest says/)
    await assert.rejects(restoreInto(place, `${directory}-else`), /holds no backup/)
    await assert.rejects(
      restoreInto(place, directory, { snapshot: 'yesterday' }),
      /there is no snapshot yesterday/,
    )
  })

  test('finishes without lost bytes only if told to', async (t) => {
    const directory = join(await temporaryDirectory(t), 'backup')
    await backUp(app.core, directory)
    await rm((await filesIn(join(directory, 'blobs')))[0]!)
    const place = await restorePlace(t)
    await assert.rejects(restoreInto(place, directory), /1 blobs are missing/)
    const { damaged } = await restoreInto(place, directory, { acceptDamage: true })
    assert.equal(damaged.length, 1)
  })

  test('asks for the secret key, or says what is lost without it', async (t) => {
    const hook = { url: 'http://127.0.0.1:1/hook', token: 'a shared secret', push_events: false }
    await app.root.json('POST', '/api/v4/projects/acme%2Fapp/hooks', hook)
    const directory = join(await temporaryDirectory(t), 'backup')
    await backUp(app.core, directory)
    const place = await restorePlace(t)
    const otherKey = 'quite another key, and long enough as well'
    await assert.rejects(restoreInto(place, directory, { secretKey: otherKey }), /the backup belongs to key/)
    await assert.rejects(restoreInto(place, directory, { secretKey: undefined }), /this server has none yet/)
    const report = await restoreInto(place, directory, { secretKey: otherKey, newSecretKey: true })
    assert.deepEqual([...report.lostSecrets], [['webhooks.secret', 1]])
    await lookInto(place, async (database) => {
      await database.write((db) => checkSecretKey(db, otherKey))
    })
  })

  test('leaves out what must not outlive the old server', async (t) => {
    const { database } = app.core
    await database.write(async (db) => {
      const job = { kind: 'leased', key: '', run_at: 1, created_at: 1, lease_until: 9e12, fence: 3 }
      await db.insertInto('jobs').values(job).execute()
      await db
        .insertInto('sessions')
        .values({ hash: 'x', user_id: app.root.id, created_at: 1, expires_at: 9e12 })
        .execute()
      await db
        .insertInto('links')
        .values({ hash: 'y', purpose: 'password', user_id: app.root.id, expires_at: 9e12 })
        .execute()
      await db.updateTable('blobs').set({ marked_at: 5 }).where('size', '=', 0).execute()
      await db.deleteFrom('packages').where('version', '=', '1').where('format', '=', 'generic').execute()
    })
    const directory = join(await temporaryDirectory(t), 'backup')
    const { manifest } = await backUp(app.core, directory)
    const place = await restorePlace(t)
    await restoreInto(place, directory)
    await lookInto(place, async ({ read, maintenance }) => {
      for (const table of ['sessions', 'links', 'collection_holds'] as const)
        assert.deepEqual(await read.selectFrom(table).selectAll().execute(), [], table)
      assert.deepEqual(
        await read.selectFrom('jobs').select('id').where('lease_until', 'is not', null).execute(),
        [],
      )
      const [job] = await read.selectFrom('jobs').select('fence').where('kind', '=', 'leased').execute()
      assert.equal(job?.fence, 3)
      assert.equal((await read.selectFrom('blobs').selectAll().execute()).length, manifest.blobs.count)
      const was = await app.core.database.maintenance.tables(app.core.database.read)
      const ids = (list: typeof was) => list.map(({ name, lastId }) => [name, lastId ?? 0])
      assert.deepEqual(ids(await maintenance.tables(read)), ids(was))
    })
  })

  test('of an older backup brings it up to date, one of a newer version is refused', async (t) => {
    const directory = join(await temporaryDirectory(t), 'backup')
    const old = await restorePlace(t)
    const database = await old.openDatabase({ schema: { upTo: '0001-initial' } })
    await database.write((db) => db.insertInto('instance').values({ key: 'from', value: 'old' }).execute())
    await writeSnapshot(database, directory, ['0001-initial'])
    const place = await restorePlace(t)
    await restoreInto(place, directory)
    await lookInto(place, async ({ read }) => {
      const row = await read
        .selectFrom('instance')
        .select('value')
        .where('key', '=', 'from')
        .executeTakeFirst()
      assert.equal(row?.value, 'old')
      assert.deepEqual(await appliedMigrations(read), knownMigrations())
    })
    await writeSnapshot(database, directory, [...knownMigrations(), '9999-later'])
    await database.close()
    const other = await restorePlace(t)
    await assert.rejects(restoreInto(other, directory), /made by a newer Entrepot .*9999-later/)
  })
})

/** A snapshot of a database whose version had these migrations. */
async function writeSnapshot(database: Database, path: string, migrations: string[]): Promise<void> {
  const { maintenance, read } = database
  const partial = await beginSnapshot(await prepareBackupDirectory(path), new Date())
  const now = new Date().toISOString()
  const manifest: Manifest = {
    layout: 1,
    entrepot: '0.0.1',
    engine: maintenance.engine,
    takenAt: now,
    finishedAt: now,
    migrations,
    tables: await exportTables(read, maintenance, partial.path, () => {}),
    blobs: { count: 0, bytes: 0 },
    damaged: [],
    secretKey: { id: null, note: secretKeyNote },
  }
  await writeFile(join(partial.path, 'manifest.json'), JSON.stringify(manifest))
  await partial.finish()
}
