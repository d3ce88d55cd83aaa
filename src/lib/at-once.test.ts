import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { forEachAtOnce } from './at-once.ts'

const numbers = Array.from({ length: 50 }, (_, index) => index)

test('does everything once, never more than allowed at the same time', async () => {
  const seen: number[] = []
  let underWay = 0
  let most = 0
  await forEachAtOnce(numbers, 7, async (number) => {
    most = Math.max(most, ++underWay)
    await sleep(number % 3)
    seen.push(number)
    underWay -= 1
  })
  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    numbers,
  )
  assert.equal(most, 7)
})

test('begins nothing more after an error, which it throws', async () => {
  let begun = 0
  const failing = forEachAtOnce(numbers, 2, async (number) => {
    begun += 1
    await sleep(1)
    if (number === 3) throw new Error('no more')
  })
  await assert.rejects(failing, /no more/)
  await sleep(20)
  assert.ok(begun <= 6, `${begun} were begun`)
})
