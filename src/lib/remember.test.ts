import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remember } from './remember.ts'

test('an answer is worked out once for short texts, and each time for long ones and beyond the limit', () => {
  let worked = 0
  const length = remember((text) => {
    worked += 1
    return text.length
  })
  const long = 'x'.repeat(1000)
  assert.deepEqual([length('abc'), length('abc'), length(long), length(long)], [3, 3, 1000, 1000])
  assert.equal(worked, 3)
  for (let number = 0; number < 1000; number++) length(`text ${number}`)
  worked = 0
  assert.equal(length('text 999'), 8)
  assert.equal(length('text 1'), 6)
  assert.equal(worked, 1)
})
