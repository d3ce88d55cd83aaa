import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkConditions, rangeApplies } from './conditional.ts'

test('If-None-Match compares weakly with any of a list', () => {
  for (const header of ['"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', '*', ' "a" ']) {
    assert.equal(checkConditions({ 'if-none-match': header }, '"a"'), 'unchanged', header)
  }
  for (const header of ['"b"', '"a-gzip"', 'a', '', '"A"']) {
    assert.equal(checkConditions({ 'if-none-match': header }, '"a"'), 'proceed', header)
  }
  assert.equal(checkConditions({ 'if-none-match': '"a"' }, undefined), 'proceed')
})

test('If-Match compares strongly and comes first', () => {
  assert.equal(checkConditions({ 'if-match': '"b", "a"' }, '"a"'), 'proceed')
  assert.equal(checkConditions({ 'if-match': '*' }, '"a"'), 'proceed')
  assert.equal(checkConditions({ 'if-match': 'W/"a"' }, '"a"'), 'failed')
  assert.equal(checkConditions({ 'if-match': '"b"', 'if-none-match': '"a"' }, '"a"'), 'failed')
  assert.equal(checkConditions({ 'if-match': '"a"', 'if-none-match': '"a"' }, '"a"'), 'unchanged')
  assert.equal(checkConditions({ 'if-match': 'W/"a"' }, 'W/"a"'), 'failed')
})

test('If-Range needs exactly this representation; a date is never ours', () => {
  assert.equal(rangeApplies(undefined, undefined), true)
  assert.equal(rangeApplies('"a"', '"a"'), true)
  for (const header of ['W/"a"', '"b"', 'Wed, 21 Oct 2015 07:28:00 GMT', '']) {
    assert.equal(rangeApplies(header, '"a"'), false, header)
  }
  assert.equal(rangeApplies('"a"', undefined), false)
})
