import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  isRemoteName,
  normalizeName,
  normalizeRemoteName,
  ownerOf,
  readableName,
  splitPath,
  tarballPath,
} from './names.ts'
import { samples } from './samples.ts'

test('good names are their own spelling, bad ones are refused', () => {
  for (const [given, normalized] of samples.normalized) assert.equal(normalizeName(given), normalized)
  for (const name of samples.badNames) assert.throws(() => normalizeName(name), { status: 400 }, name)
  assert.equal(normalizeName('x'.repeat(214)).length, 214)
})

const old = ['JSONStream', '3', "it's", '~tilde', 'a.B_c!', '@Acme/Hello', '@acme/_x', '@acme/-x', '@-/x']
const neverNames = [
  ...'  . .. .x - _x -x a/b hello/ /hello @acme @acme/ @/x @acme/a/b a%2fb a:b a@b a\\b'.split(' '),
  ...'@acme/. @acme/.. @acme/- @./x @acme/hello/ @acme/node_modules Node_Modules favicon.ico'.split(' '),
  'a b',
  'a\u0000b',
  'a\n',
  'h\u00e9llo',
  'a\u202eb',
  'x'.repeat(215),
]

test('readers may ask for names of old, but for nothing that could be another address', () => {
  for (const name of [...old, 'x'.repeat(214)]) {
    assert.equal(normalizeRemoteName(name), name)
    assert.equal(readableName(name), name)
  }
  for (const name of neverNames) {
    assert.equal(isRemoteName(name), false, name)
    assert.throws(() => normalizeRemoteName(name), { status: 400 }, name)
    assert.throws(() => readableName(name), { status: 404 }, name)
  }
})

test('whatever can be hosted can be asked for, and no name asked for needs encoding but for its one slash', () => {
  const part = fc.string({ unit: fc.constantFrom(...'aA0._-~!*/@%\\ \u00e9'), maxLength: 6 })
  const name = fc.oneof(
    part,
    fc.tuple(part, part).map(([scope, base]) => `@${scope}/${base}`),
    fc.string(),
  )
  const isHosted = (text: string) => {
    try {
      return normalizeName(text) === text
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(name, (text) => {
      if (!isRemoteName(text)) return !isHosted(text)
      const segments = text.split('/')
      const isPlain = segments.every((one) => encodeURIComponent(one).replace('%40', '@') === one)
      return isPlain && segments.length === (text.startsWith('@') ? 2 : 1) && !segments.some(startsWithDot)
    }),
    { numRuns: 5000 },
  )
})
const startsWithDot = (segment: string) => segment.startsWith('.')

test('the scope owns the name', () => {
  assert.equal(ownerOf('@acme/hello'), 'acme')
  assert.equal(ownerOf('hello'), undefined)
})

test('paths are taken apart at the name', () => {
  assert.deepEqual(splitPath('@acme/hello/1.0.0'), {
    scope: '@acme',
    base: 'hello',
    name: '@acme/hello',
    rest: '1.0.0',
  })
  assert.deepEqual(splitPath('hello/a/b'), { scope: '', base: 'hello', name: 'hello', rest: 'a/b' })
  assert.equal(tarballPath('@acme/hello', '1.0.0'), '@acme/hello/-/hello-1.0.0.tgz')
})
