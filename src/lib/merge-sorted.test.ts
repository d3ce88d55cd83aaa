import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as fc from 'fast-check'
import { mergeSorted } from './merge-sorted.ts'

const lists = fc.array(fc.array(fc.string({ maxLength: 2 }), { maxLength: 20 }), { maxLength: 9 })

it('lists are merged in the order of their ids, equal ones in that of the lists', () => {
  fc.assert(
    fc.property(lists, (some) => {
      const sorted = some.map((ids, list) => ids.toSorted().map((id) => ({ id, list })))
      const merged = [...mergeSorted(sorted, ({ id }) => id)]
      const expected = sorted.flat().sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.list - b.list))
      assert.deepEqual(merged.flat(), expected)
      const ids = merged.map((group) => group[0]!.id)
      assert.equal(new Set(ids).size, ids.length)
      for (const group of merged) assert.equal(new Set(group.map(({ id }) => id)).size, 1)
    }),
  )
})

it('one item of each list is taken at a time', () => {
  let taken = 0
  function* counted(from: number) {
    for (let at = from; at < 100; at += 2) {
      taken += 1
      yield String(at).padStart(3, '0')
    }
  }
  const merged = mergeSorted([counted(0), counted(1)], (id) => id)
  for (let at = 0; at < 10; at++) merged.next()
  assert.ok(taken <= 13, `${taken} items taken`)
})
