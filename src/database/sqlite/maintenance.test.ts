import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Database } from '../database.ts'
import { openSqlite } from './open.ts'

describe('what backup, restore and doctor need of SQLite', () => {
  let dir: string
  let database: Database
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'entrepot-maintenance-'))
    database = await openSqlite(join(dir, 'entrepot.db'))
  })
  after(async () => {
    await database.close()
    await rm(dir, { recursive: true, force: true })
  })
  const note = (key: string) =>
    database.write((db) => db.insertInto('instance').values({ key, value: '' }).execute())
  const keys = async (db: Database['read']) =>
    (await db.selectFrom('instance').select('key').orderBy('key').execute()).map(({ key }) => key)

  test('an open snapshot stays as it was, and holds up neither writes nor other snapshots', async () => {
    await note('a')
    const snapshot = await database.maintenance.openSnapshot()
    await note('b')
    assert.deepEqual(await database.snapshot(keys), ['a', 'b'])
    assert.deepEqual(await keys(snapshot.db), ['a'])
    await note('c')
    assert.deepEqual(await keys(snapshot.db), ['a'])
    await snapshot.close()
    assert.deepEqual(await keys(database.read), ['a', 'b', 'c'])
  })

  test('rows are loaded in any order, and not at all if a reference leads nowhere', async () => {
    const { maintenance } = database
    const group = (id: number, parent_id: number | null) => ({
      id,
      parent_id,
      root_id: 1,
      name: `g${id}`,
      path: `g${id}`,
      full_path: `g${id}`,
      description: '',
      visibility: 'private' as const,
      created_at: 1,
    })
    const dangling = maintenance.load((db) => db.insertInto('groups').values(group(8, 9)).execute())
    await assert.rejects(dangling, /references lead nowhere: from groups to groups/)
    assert.deepEqual(await database.read.selectFrom('groups').select('id').execute(), [])
    await maintenance.load(async (db) => {
      await db.insertInto('groups').values(group(2, 3)).execute()
      await db.insertInto('groups').values(group(3, null)).execute()
      await maintenance.continueIds(db, 'groups', 40)
    })
    const { id: _, ...next } = group(0, 3)
    const made = await database.write((db) =>
      db.insertInto('groups').values(next).returning('id').executeTakeFirstOrThrow(),
    )
    assert.equal(made.id, 41)
    const later = database.write((db) => db.insertInto('groups').values(group(50, 99)).execute())
    await assert.rejects(later, /FOREIGN KEY/, 'references are checked again afterwards')
  })

  test('it finds nothing to complain about in a database that it opened', async () => {
    const { version, now, complaints } = await database.maintenance.inspect()
    assert.match(version, /^3\./)
    assert.ok(Math.abs(now - Date.now()) < 2000)
    assert.deepEqual(complaints, [])
  })
})
