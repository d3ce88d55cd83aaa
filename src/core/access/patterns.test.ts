import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchesPattern } from './patterns.ts'

test('a star stands for any text, everything else for itself', () => {
  const matching: [pattern: string, text: string][] = [
    ['@acme/*', '@acme/web'],
    ['@acme/*', '@acme/'],
    ['*', ''],
    ['*', 'anything'],
    ['a*b*c', 'abc'],
    ['a*b*c', 'a-b-b-c'],
    ['*-internal', 'x-internal'],
    ['exact', 'exact'],
    ['a.b', 'a.b'],
    ['a**b', 'ab'],
  ]
  for (const [pattern, text] of matching) assert.ok(matchesPattern(pattern, text), `${pattern} ${text}`)
  const others: [pattern: string, text: string][] = [
    ['@acme/*', '@acme'],
    ['@acme/*', 'x@acme/web'],
    ['exact', 'exactly'],
    ['a*b*c', 'acb'],
    ['ab*ba', 'aba'],
    ['a.b', 'axb'],
    ['', 'x'],
  ]
  for (const [pattern, text] of others) assert.ok(!matchesPattern(pattern, text), `${pattern} ${text}`)
})
