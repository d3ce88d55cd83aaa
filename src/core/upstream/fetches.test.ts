import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { createTestApp } from '../../../test/app.ts'
import { createFetches, Overtaken, type Keep } from './fetches.ts'

const keep: Keep<string, string> = async (_db, brought) => brought

/** Two processes on one database. */
async function twoProcesses(t: TestContext) {
  const app = await createTestApp()
  const { database } = app.core
  const [one, two] = [createFetches(database, false), createFetches(database, false)] as const
  t.after(async () => {
    one.stop()
    two.stop()
    await app.close()
  })
  /** As if the holder had brought nothing for so long. */
  const silence = (ms: number) =>
    database.write((db) =>
      db
        .updateTable('upstream_fetches')
        .set((eb) => ({ progress_at: eb('progress_at', '-', ms) }))
        .execute(),
    )
  const rows = () => database.read.selectFrom('upstream_fetches').selectAll().execute()
  return { one, two, silence, rows }
}

test('one of all who want to fetches, and the others hear when it is over', async (t) => {
  const { one, two, rows } = await twoProcesses(t)
  const [mine, theirs, mineAgain] = await Promise.all([one.take('a'), two.take('a'), one.take('a')])
  assert.equal([mine, theirs, mineAgain].filter((lease) => lease !== undefined).length, 1)
  const winner = theirs ? two : one
  const lease = (mine ?? theirs ?? mineAgain)!
  let isOver = false
  const waiting = one.ended('a').then(() => (isOver = true))
  await sleep(250)
  assert.equal(isOver, false)
  assert.equal(await winner.end(lease, keep, 'kept'), 'kept')
  await waiting
  assert.deepEqual(await rows(), [])
  assert.ok(await two.take('a'), 'and then anybody may again')
})

test('a holder that brings nothing is overtaken, and what it brings then is not kept', async (t) => {
  const { one, two, silence } = await twoProcesses(t)
  const silent = (await one.take('a'))!
  await silence(4_000)
  assert.equal(await two.take('a'), undefined, 'it may be slow')
  await silence(2_000)
  await two.ended('a')
  const next = (await two.take('a'))!
  assert.ok(next.fence > silent.fence)
  let kept = 0
  const count: Keep<string, void> = async (_db, brought) => brought.map(() => void kept++)
  await assert.rejects(one.end(silent, count, 'late'), Overtaken)
  await one.giveUp(silent)
  await two.end(next, count, 'in time')
  assert.equal(kept, 1)
})

test('a holder that makes progress is not overtaken', async (t) => {
  const { one, two, silence } = await twoProcesses(t)
  const lease = (await one.take('a'))!
  await silence(6_000)
  one.progress(lease)
  await sleep(1_800)
  assert.equal(await two.take('a'), undefined)
  await one.giveUp(lease)
  assert.ok(await two.take('a'))
})

test('where nothing can be kept, the others of the batch are kept all the same', async (t) => {
  const { one, rows } = await twoProcesses(t)
  const [a, b] = await Promise.all([one.take('a'), one.take('b')])
  const batches: (readonly string[])[] = []
  const keepSome: Keep<string, string> = async (_db, brought) => {
    batches.push(brought)
    if (brought.includes('too much')) throw new Error('no room')
    return brought
  }
  const outcomes = await Promise.allSettled([
    one.end(a!, keepSome, 'too much'),
    one.end(b!, keepSome, 'kept'),
  ])
  assert.deepEqual(batches, [['too much', 'kept'], ['too much'], ['kept']])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  )
  assert.deepEqual(
    (await rows()).map(({ key }) => key),
    ['a'],
    'whoever failed still has to give up',
  )
})
