import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { openSqlite } from './open.ts'

describe('a SQLite database', () => {
  let dir = ''
  let database: Database

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'entrepot-sqlite-'))
    database = await openSqlite(join(dir, 'test.db'))
  })
  after(async () => {
    await database.close()
    await rm(dir, { recursive: true, force: true })
  })

  const write = (key: string) =>
    database.write((db) => db.insertInto('instance').values({ key, value: 'x' }).execute())
  const slow = sql`with recursive up(n) as (select 1 union all select n + 1 from up where n < 3000000)
    select count(*) as count from up`

  it('scans see what was committed before they began', async () => {
    for (const key of ['a', 'b', 'c']) {
      await write(key)
      const row = await database.scan
        .selectFrom('instance')
        .selectAll()
        .where('key', '=', key)
        .executeTakeFirst()
      assert.deepEqual(row, { key, value: 'x' })
    }
  })

  it('goes on with everything else while a scan takes its time', async () => {
    const quick = () => database.scan.selectFrom('instance').select('key').limit(1).executeTakeFirst()
    await Promise.all([quick(), quick()])
    const over: string[] = []
    const scan = slow.execute(database.scan).then(() => over.push('the slow scan'))
    await database.read.selectFrom('instance').selectAll().execute()
    await write('meanwhile')
    over.push('reads and writes')
    await quick()
    over.push('another scan')
    await scan
    assert.deepEqual(over, ['reads and writes', 'another scan', 'the slow scan'])
  })

  it('says what is wrong with a scan, and runs the next one', async () => {
    await assert.rejects(sql`select 1 from nowhere`.execute(database.scan), /no such table/)
    await assert.rejects(sql`delete from instance`.execute(database.scan), 'a scan cannot write')
    assert.ok(await database.scan.selectFrom('instance').select('key').executeTakeFirst())
  })

  it('holds several snapshots at the same time, each of its own moment', async () => {
    const count = async () => {
      const gate = Promise.withResolvers<void>()
      const counted = database.snapshot(async (db) => {
        const at = (await db.selectFrom('instance').select('key').execute()).length
        await gate.promise
        return (await db.selectFrom('instance').select('key').execute()).length - at
      })
      return { counted, open: gate.resolve }
    }
    const held = await Promise.all(Array.from({ length: 6 }, count))
    await write('later')
    for (const { open } of held) open()
    for (const { counted } of held) assert.equal(await counted, 0)
  })

  it('ends although a scan is under way', async () => {
    const other = await openSqlite(join(dir, 'other.db'))
    const scan = slow.execute(other.scan)
    const ended = assert.rejects(scan, /ended/)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await other.close()
    await ended
  })
})
