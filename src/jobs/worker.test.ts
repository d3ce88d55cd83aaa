import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { acceptRequests, enqueue } from '../core/records/job-requests.ts'
import { claim, extend, fail, finish } from '../core/records/jobs.ts'
import { createWorker } from './worker.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const add = (kind: string, key: string) =>
  app.core.database.write((db) => enqueue(db, kind, key, app.clock.now()))
const takeOne = (kind: string) =>
  app.core.database.write(async (db) => {
    await acceptRequests(db, [kind], app.clock.now())
    return claim(db, [kind], app.clock.now())
  })
/** As if a minute had passed without a word of the worker that has the job. */
const loseLease = (kind: string) =>
  app.core.database.write((db) =>
    db.updateTable('jobs').set({ lease_until: 1 }).where('kind', '=', kind).execute(),
  )
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
  const first = (await takeOne('slow'))!
  assert.equal(await takeOne('slow'), undefined, 'leased')
  app.clock.advance(7 * 86_400_000)
  assert.equal(await takeOne('slow'), undefined, 'a node whose clock is ahead takes nothing from others')
  await loseLease('slow')
  const second = (await takeOne('slow'))!
  assert.deepEqual([second.id, second.fence], [first.id, first.fence + 1])
  assert.match(second.error!, /without a word/)
  assert.equal(await database.write((db) => extend(db, first)), false)
  await database.write((db) => fail(db, first, new Error('late'), app.clock.now()))
  await database.write((db) => finish(db, first, undefined))
  const [row] = await rows('slow')
  assert.deepEqual([row?.error, row?.fence], [second.error, second.fence])
  await database.write((db) => finish(db, second, undefined))
  assert.deepEqual(await rows('slow'), [])
})

test('what is asked for while the job is under way is not forgotten', async () => {
  let runs = 0
  const worker = createWorker(app.core, [
    {
      kind: 'again',
      async run() {
        runs += 1
        if (runs === 1) await add('again', '')
      },
    },
  ])
  await add('again', '')
  await worker.drain()
  assert.equal(runs, 2)
})

test('a worker that stops hands its job back at once', async () => {
  let runs = 0
  const begun = Promise.withResolvers<void>()
  const kind = {
    kind: 'long',
    async run(_core: unknown, _key: string, signal: AbortSignal) {
      runs += 1
      begun.resolve()
      if (runs === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  }
  const first = createWorker(app.core, [kind])
  await add('long', '')
  await first.start()
  await begun.promise
  await first.stop()
  const [row] = await rows('long')
  assert.deepEqual([row?.lease_until, row?.attempts, row?.error], [null, 0, null])
  await createWorker(app.core, [kind]).drain()
  assert.equal(runs, 2)
  assert.deepEqual(await rows('long'), [])
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
