import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { together } from './together.ts'

test('what is asked for in one turn, or while a batch is under way, goes together', async () => {
  const batches: number[][] = []
  const double = together(async (items: readonly number[]) => {
    batches.push([...items])
    await sleep(5)
    return items.map((item) => item * 2)
  })
  const first = [double(1), double(2)]
  await sleep(2)
  const second = [double(3), double(4), double(5)]
  assert.deepEqual(await Promise.all([...first, ...second]), [2, 4, 6, 8, 10])
  assert.deepEqual(batches, [
    [1, 2],
    [3, 4, 5],
  ])
  assert.equal(await double(6), 12)
})

test('a batch has its limit, and may wait for more', async () => {
  const sizes: number[] = []
  const work = async (items: readonly number[]) => {
    sizes.push(items.length)
    return items
  }
  const two = together(work, { most: 2 })
  await Promise.all([1, 2, 3, 4, 5].map(two))
  assert.deepEqual(sizes.splice(0), [2, 2, 1])
  const slow = together(work, { waitMs: 20 })
  const first = slow(1)
  await sleep(5)
  await Promise.all([first, slow(2)])
  assert.deepEqual(sizes, [2])
})

test('one that fails takes no other with it', async () => {
  const attempts: number[][] = []
  const careful = together(async (items: readonly number[]) => {
    attempts.push([...items])
    if (items.includes(2)) throw new Error('two')
    return items
  })
  const results = await Promise.allSettled([careful(1), careful(2), careful(3)])
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message)),
    [1, 'two', 3],
  )
  assert.deepEqual(attempts, [[1, 2, 3], [1], [2], [3]])
})
