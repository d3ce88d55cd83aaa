import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFreshness } from './freshness.ts'
import { createKeptRecords } from './kept.ts'

test('requests of one turn share a check, which begins after all of them', async () => {
  let version = 1
  let checks = 0
  const freshness = createFreshness(() => {
    checks += 1
    return version
  })
  const first = freshness.current()
  const second = freshness.current()
  version = 2
  assert.deepEqual(await Promise.all([first, second]), [1, 1])
  assert.equal(checks, 1)
  assert.equal(await freshness.current(), 1, 'nothing changed since the check')
  version = 3
  assert.equal(await freshness.current(), 2)
  assert.equal(checks, 3)
})

test('a check that fails fails its requests, and the next one asks again', async () => {
  let broken = true
  const freshness = createFreshness(() => {
    if (broken) throw new Error('disk')
    return 1
  })
  await assert.rejects(freshness.current(), { status: 503 })
  broken = false
  assert.equal(await freshness.current(), 1)
})

test('a record is kept for its generation, and only until its time', async () => {
  let now = 0
  let loads = 0
  const kept = createKeptRecords(1_000_000, () => now)
  const load = async () => ++loads
  const get = (generation: number) => kept.get('key', generation, load, () => 100)
  assert.deepEqual([await get(1), await get(1)], [1, 1])
  assert.equal(await get(2), 2)
  assert.equal(await get(1), 3, 'an older request loads for itself')
  assert.equal(await get(2), 2, 'and does not take the newer record away')
  now = 100
  assert.equal(await get(2), 4)
})

test('callers share a load that is under way, of their generation only', async () => {
  const kept = createKeptRecords(1_000_000, () => 0)
  const loads: PromiseWithResolvers<string>[] = []
  const get = (generation: number) =>
    kept.get('key', generation, () => {
      const load = Promise.withResolvers<string>()
      loads.push(load)
      return load.promise
    })
  const old = get(1)
  const [first, second] = [get(2), get(2)]
  assert.equal(loads.length, 2)
  loads[1]!.resolve('new')
  assert.deepEqual(await Promise.all([first, second]), ['new', 'new'])
  loads[0]!.resolve('old')
  assert.equal(await old, 'old')
  assert.equal(await get(2), 'new')
  const [failed, alsoFailed] = [get(3), get(3)]
  loads[2]!.reject(new Error('disk'))
  await assert.rejects(failed, /disk/)
  await assert.rejects(alsoFailed, /disk/)
  const again = get(3)
  loads[3]!.resolve('newest')
  assert.equal(await again, 'newest')
})
