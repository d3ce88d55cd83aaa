import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inTurns, sortInTurns, turn } from './turn.ts'

test('sorting in turns sorts as sorting does, and leaves equal items in their order', async () => {
  const items = fc.array(fc.record({ key: fc.integer({ min: 0, max: 50 }), id: fc.nat() }), {
    maxLength: 3000,
  })
  await fc.assert(
    fc.asyncProperty(items, async (list) => {
      const compare = (a: { key: number }, b: { key: number }) => a.key - b.key
      assert.deepEqual(await sortInTurns(list, compare), list.toSorted(compare))
    }),
    { numRuns: 30 },
  )
})

test('others go first while many items are worked on', async () => {
  let others = 0
  const isOver = { yet: false }
  const other = (async () => {
    while (!isOver.yet) {
      others += 1
      await turn()
    }
  })()
  const items = Array.from({ length: 2000 }, (_, index) => index)
  assert.deepEqual(
    await inTurns(items, (item) => item + 1),
    items.map((item) => item + 1),
  )
  await sortInTurns(items.toReversed(), (a, b) => a - b)
  isOver.yet = true
  await other
  assert.ok(others > 10, `others went first ${others} times`)
})
