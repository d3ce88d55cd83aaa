import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeName, ownerOf, readableName, splitPath, tarballPath } from './names.ts'
import { samples } from './samples.ts'

test('good names are their own spelling, bad ones are refused', () => {
  for (const [given, normalized] of samples.normalized) assert.equal(normalizeName(given), normalized)
  for (const name of samples.badNames) {
    assert.throws(() => normalizeName(name), { status: 400 }, name)
    assert.throws(() => readableName(name), { status: 404 }, name)
  }
  assert.equal(normalizeName('x'.repeat(214)).length, 214)
})

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
