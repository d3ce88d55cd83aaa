import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Problem } from '../lib/problem.ts'
import { decodeSegment, parseTarget } from './paths.ts'

const refused = (url: string) =>
  assert.throws(
    () => parseTarget(url),
    (error) => error instanceof Problem && error.status === 400 && error.message.length > 0,
    JSON.stringify(url),
  )

test('splits without decoding or collapsing anything', () => {
  const { path, segments, query } = parseTarget('/api//v4/@a%2fb/c%20d/?x=1&x=%2F&y=a+b')
  assert.equal(path, '/api//v4/@a%2fb/c%20d/')
  assert.deepEqual(segments, ['api', '', 'v4', '@a%2fb', 'c%20d', ''])
  assert.deepEqual(query.getAll('x'), ['1', '/'])
  assert.equal(query.get('y'), 'a b')
  assert.deepEqual(parseTarget('/').segments, [''])
  assert.deepEqual(parseTarget('/a?').segments, ['a'])
})

test('keeps what looks odd but means one thing', () => {
  const fine = [
    '/...',
    '/.a',
    '/a..b',
    '/..a/b..',
    '/100%25',
    '/%25zz',
    '/a%2fb',
    '/~a!$&()*+,;=:@',
    '/%C3%BC',
    '/?q=a%5cb',
  ]
  for (const url of fine) parseTarget(url)
})

for (const [why, urls] of Object.entries({
  'no leading slash': ['', 'a', '*', 'http://host/a', '?a'],
  'malformed escapes': ['/%', '/%4', '/%zz', '/a%2', '/?q=%', '/?q=%zz'],
  'invalid UTF-8': [
    '/%ff',
    '/%c0%af',
    '/%c0%ae%c0%ae',
    '/%ed%a0%80',
    '/%f8%88%80%80%80',
    '/%e2%82',
    '/?q=%ff',
  ],
  'control characters': [
    '/a\0',
    '/a%00',
    '/a\nb',
    '/%0a',
    '/%0D%0A',
    '/%7f',
    '/%C2%85',
    '/a\tb',
    '/?q=%00',
    '/?q=\n',
  ],
  backslashes: ['/a\\b', '/a%5cb', '/a%5Cb', '/..%5c..'],
  'dot segments': [
    '/.',
    '/..',
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/%2e',
    '/%2e%2e/b',
    '/.%2E',
    '/a%2f..',
    '/a%2f..%2fb',
  ],
  'dot segments behind encoded slashes': [
    '/..%2fa',
    '/.%2fa',
    '/a%2F%2e%2e%2fb',
    '/a%2f.%2fb',
    '/%2f%2f..%2fa',
  ],
  'double encoding': ['/%252e%252e', '/a%252fb', '/%2541', '/%25252e', '/%252525'],
  'bidirectional controls': ['/%E2%80%AE', '/a%E2%81%A6b', '/%E2%80%8F', '/%D8%9C'],
  'raw bytes beyond ASCII': ['/ü', '/\u00c3\u00bc', '/?q=ü', '/a b'],
  fragments: ['/a#b', '/?a#b'],
  length: [`/${'a'.repeat(4096)}`, `/${'%41'.repeat(1366)}`, `/?${'a'.repeat(8191)}`],
})) {
  test(`refuses ${why}`, () => {
    for (const url of urls) refused(url)
  })
}

test('allows the longest path and target', () => {
  assert.equal(parseTarget(`/${'a'.repeat(4095)}`).path.length, 4096)
  assert.equal(parseTarget(`/?${'a'.repeat(8190)}`).path, '/')
})

test('decodeSegment decodes once and refuses what cannot be decoded', () => {
  assert.equal(decodeSegment('@a%2Fb'), '@a/b')
  assert.equal(decodeSegment('%2541'), '%41')
  assert.throws(() => decodeSegment('%ff'), Problem)
})

test('any harmless segments survive encoding, parsing and decoding', () => {
  const harmless = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(isHarmless)
  fc.assert(
    fc.property(fc.array(harmless, { minLength: 1, maxLength: 8 }), (parts) => {
      const { segments } = parseTarget(`/${parts.map(encodeURIComponent).join('/')}`)
      assert.deepEqual(segments.map(decodeSegment), parts)
    }),
  )
})

test('whatever is accepted decodes to parts without dots, controls, backslashes or another layer of escapes', () => {
  const nasty = fc.constantFrom(
    '%',
    '2',
    'e',
    'f',
    '5',
    'c',
    '.',
    '/',
    '%2e',
    '%2F',
    '%25',
    '%00',
    '%5C',
    '\\',
    'a',
    '?',
  )
  const urls = fc.array(nasty, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)
  fc.assert(
    fc.property(fc.oneof(urls, fc.webPath(), fc.string()), (url) => {
      let target
      try {
        target = parseTarget(url)
      } catch (error) {
        assert.ok(error instanceof Problem && error.status === 400)
        return
      }
      assert.equal(`/${target.segments.join('/')}`, target.path)
      for (const part of target.segments.flatMap((segment) => decodeSegment(segment).split('/'))) {
        assert.ok(part === '' || isHarmless(part), JSON.stringify(url))
      }
    }),
    { numRuns: 2000 },
  )
})

function isHarmless(part: string): boolean {
  if (part === '' || part === '.' || part === '..' || part.includes('/') || part.includes('\\')) return false
  return part.isWellFormed() && !/%[0-9a-f]{2}/i.test(part) && !/[\p{Cc}\p{Bidi_Control}]/u.test(part)
}
