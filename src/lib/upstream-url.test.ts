import assert from 'node:assert/strict'
import { test } from 'node:test'
import { upstreamUrl } from './upstream-url.ts'

test('equal addresses are kept in one spelling', () => {
  const spellings: readonly (readonly [string, string])[] = [
    ['https://upstream.example', 'https://upstream.example'],
    ['https://upstream.example/', 'https://upstream.example'],
    ['HTTPS://Upstream.Example:443/npm//', 'https://upstream.example/npm'],
    ['http://10.0.0.7:8081/repository/all', 'http://10.0.0.7:8081/repository/all'],
    ['https://upstream.example/a/../b', 'https://upstream.example/b'],
  ]
  for (const [given, kept] of spellings) assert.equal(upstreamUrl(given), kept, given)
})

test('what is no plain address of a server is none', () => {
  const refused = [
    '',
    'upstream.example',
    'ftp://upstream.example',
    'file:///etc/passwd',
    'https://user:password@upstream.example',
    'https://user@upstream.example',
    'https://upstream.example/?token=x',
    'https://upstream.example/?',
    'https://upstream.example/#part',
    'https://upstream.example/a b',
    'https://upstream.example/a\nb',
    String.raw`https://upstream.example\@elsewhere.example`,
    `https://upstream.example/${'x'.repeat(2048)}`,
  ]
  for (const text of refused) assert.equal(upstreamUrl(text), undefined, text)
})
