import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { inParallel } from './in-parallel.ts'

async function* numbers(count: number, drawn: number[] = []) {
  for (let n = 1; n <= count; n++) {
    drawn.push(n)
    yield n
  }
}

test('every item is worked on, so many at a time', async () => {
  const done: number[] = []
  let running = 0
  let most = 0
  await inParallel(numbers(20), 3, async (n) => {
    most = Math.max(most, ++running)
    await setImmediate()
    running--
    done.push(n)
  })
  assert.equal(done.length, 20)
  assert.equal(most, 3)
})

test('the first error ends it, after what was under way', async () => {
  const drawn: number[] = []
  const done: number[] = []
  const running = inParallel(numbers(20, drawn), 3, async (n) => {
    if (n === 4) throw new Error('four')
    await setImmediate()
    done.push(n)
  })
  await assert.rejects(running, /four/)
  assert.ok(drawn.length < 10, `${drawn.length} were drawn`)
  assert.deepEqual(done.slice(0, 3), [1, 2, 3])
})
