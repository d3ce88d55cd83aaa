import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseRange } from './ranges.ts'

test('one range of bytes, clamped to the size', () => {
  assert.deepEqual(parseRange('bytes=0-0', 10), { start: 0, end: 0 })
  assert.deepEqual(parseRange('bytes=2-', 10), { start: 2, end: 9 })
  assert.deepEqual(parseRange('bytes=2-99', 10), { start: 2, end: 9 })
  assert.deepEqual(parseRange('bytes=-3', 10), { start: 7, end: 9 })
  assert.deepEqual(parseRange('bytes=-99', 10), { start: 0, end: 9 })
  assert.deepEqual(parseRange(`bytes=0-${'9'.repeat(400)}`, 10), { start: 0, end: 9 })
})

test('beyond the end is unsatisfiable', () => {
  for (const header of ['bytes=10-', 'bytes=10-12', 'bytes=-0', `bytes=${'9'.repeat(400)}-`]) {
    assert.equal(parseRange(header, 10), 'unsatisfiable', header)
  }
  assert.equal(parseRange('bytes=0-', 0), 'unsatisfiable')
})

test('everything else is answered with the whole', () => {
  const ignored = [
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=0-1,3-4',
    'items=0-1',
    'bytes=5-3',
    'bytes=a-b',
    'bytes=+1-2',
    'bytes=1.5-2',
  ]
  for (const header of ignored) assert.equal(parseRange(header, 10), undefined, header)
})

test('a range that is given lies within the bytes', () => {
  const headers = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => `bytes=${a}-${b}`),
  )
  fc.assert(
    fc.property(headers, fc.nat(20), (header, size) => {
      const range = parseRange(header, size)
      if (range === undefined || range === 'unsatisfiable') return
      assert.ok(0 <= range.start && range.start <= range.end && range.end < size)
    }),
  )
})
