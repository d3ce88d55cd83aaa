import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { claim, enqueue, extend, fail, finish, leaseMs } from '../core/records/jobs.ts'
import { createWorker } from './worker.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const add = (kind: string, key: string) =>
  app.core.database.write((db) => enqueue(db, kind, key, app.clock.now(), app.clock.now()))
const rows = (kind: string) =>
  app.core.database.read.selectFrom('jobs').selectAll().where('kind', '=', kind).execute()

test('a job runs once however often it was asked for, and goes when it is done', async () => {
  const ran: string[] = []
  const worker = createWorker(app.core, [{ kind: 'note', run: async (_core, key) => void ran.push(key) }])
  await add('note', 'a')
  await add('note', 'a')
  await add('note', 'b')
  await worker.drain()
  assert.deepEqual(ran.sort(), ['a', 'b'])
  assert.deepEqual(await rows('note'), [])
})

test('a job that fails is tried again later, and its error can be seen', async () => {
  let attempts = 0
  const worker = createWorker(app.core, [
    {
      kind: 'flaky',
      run: async () => {
        attempts += 1
        if (attempts < 3) throw new Error('not yet')
      },
    },
  ])
  await add('flaky', '')
  await worker.drain()
  const [waiting] = await rows('flaky')
  assert.equal(waiting?.error, 'not yet')
  assert.ok(waiting.run_at > app.clock.now())
  await worker.drain()
  assert.equal(attempts, 1, 'not before its time')
  app.clock.advance(6_000)
  await worker.drain()
  app.clock.advance(11_000)
  await worker.drain()
  assert.equal(attempts, 3)
  assert.deepEqual(await rows('flaky'), [])
})

test('a silent worker is overtaken, and may not finish what another one took', async () => {
  const { database } = app.core
  await add('slow', '')
  const first = (await database.write((db) => claim(db, ['slow'], app.clock.now())))!
  assert.equal(await database.write((db) => claim(db, ['slow'], app.clock.now())), undefined, 'leased')
  app.clock.advance(leaseMs + 1)
  const second = (await database.write((db) => claim(db, ['slow'], app.clock.now())))!
  assert.equal(second.id, first.id)
  assert.equal(second.fence, first.fence + 1)
  assert.equal(await database.write((db) => extend(db, first, app.clock.now())), false)
  await database.write((db) => fail(db, first, new Error('late'), app.clock.now()))
  await database.write((db) => finish(db, first, undefined))
  const [row] = await rows('slow')
  assert.equal(row?.error, null)
  assert.equal(row?.fence, second.fence)
  await database.write((db) => finish(db, second, undefined))
  assert.deepEqual(await rows('slow'), [])
})

test('a recurring job waits for its next time', async () => {
  let runs = 0
  const worker = createWorker(app.core, [
    {
      kind: 'hourly',
      every: 3_600_000,
      run: async () => {
        runs += 1
      },
    },
  ])
  await worker.start()
  await worker.drain()
  assert.equal(runs, 0)
  app.clock.advance(3_600_001)
  await worker.drain()
  assert.equal(runs, 1)
  const [row] = await rows('hourly')
  assert.ok(row!.run_at > app.clock.now())
  await worker.stop()
  await app.core.database.write((db) => db.deleteFrom('jobs').where('kind', '=', 'hourly').execute())
})
