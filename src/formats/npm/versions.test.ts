import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import semverCompare from 'semver/functions/compare.js'
import { samples } from './samples.ts'
import { compareVersions, isPrerelease, normalizeVersion } from './versions.ts'

test('the sample list is in order, every pair of it', () => {
  for (const [i, a] of samples.versions.entries()) {
    assert.equal(normalizeVersion(a), a)
    for (const [j, b] of samples.versions.entries())
      assert.equal(compareVersions(a, b), Math.sign(i - j), `${a} ${b}`)
  }
})

test('orders as semver does', () => {
  const part = fc.constantFrom('0', '1', '2', '10', '99')
  const tail = fc.constantFrom('', '-0', '-1', '-a', '-a.1', '-a.b', '-1.1', '--')
  const version = fc.tuple(part, part, part, tail).map(([a, b, c, rest]) => `${a}.${b}.${c}${rest}`)
  fc.assert(
    fc.property(version, version, (a, b) => compareVersions(a, b) === semverCompare(a, b)),
    { numRuns: 2000 },
  )
})

test('normalising strips build metadata and a leading v, and is idempotent', () => {
  assert.equal(normalizeVersion('1.2.3-rc.1+build.5'), '1.2.3-rc.1')
  assert.equal(normalizeVersion('v1.2.3'), '1.2.3')
  for (const version of samples.badVersions)
    assert.throws(() => normalizeVersion(version), { status: 400 }, version)
  assert.deepEqual(['1.0.0', '1.0.0-0'].map(isPrerelease), [false, true])
})
