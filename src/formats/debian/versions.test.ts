import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../lib/problem.ts'
import {
  compareVersions,
  isPrerelease,
  normalizeVersion,
  readVersion,
  versionRules,
  withoutEpoch,
} from './versions.ts'

test('versions are in the order of dpkg', () => {
  const ordered = [
    ['0~~', '0~~a', '0~', '0', '0a', '0+', '0.1'],
    ['1.0~rc1-1', '1.0-1', '1.0a-1', '1.0+b-1', '1.0.1-1', '1.9', '1.10', '2.0', '1:0.1', '2:0'],
    ['1.0-1~bpo12+1', '1.0-1', '1.0-1+b1', '1.0-1.1', '1.0-2', '1.0-10'],
    ['1A', '1Z', '1a', '1z', '1+', '1-1', '1.'],
    ['9'.repeat(50), `1${'0'.repeat(50)}`],
  ]
  for (const versions of ordered.slice(1, 3).concat(ordered.slice(0, 1), ordered.slice(4)))
    assert.deepEqual(versions.toReversed().toSorted(compareVersions), versions)
  assert.ok(compareVersions('1A', '1a') < 0 && compareVersions('1a', '1+') < 0)
})

test('equal versions share one spelling', () => {
  const spellings = {
    '1.0': ['1.0', '0:1.0', '00:1.00', '1.0-0', '01.000-00', '1.'],
    '1.0-1': ['1.0-1', '1.0-01', '0:1.0-001'],
    '1.0+dfsg-1': ['1.0+dfsg-1', '1.0+dfsg0-1'],
    '1.0~0': ['1.0~', '1.0~0', '1.0~-0'],
    '0': ['0', '0-0', '000'],
    '1-2-0': ['1-2-0', '1-02-00'],
    '0:1:2': ['0:1:2'],
    '2:1': ['2:1', '02:01'],
    '1-a': ['1-a', '1-a0'],
  }
  for (const [normal, all] of Object.entries(spellings))
    for (const version of all) {
      assert.equal(normalizeVersion(version), normal)
      assert.equal(compareVersions(version, normal), 0)
    }
})

test('refuses what is no version', () => {
  const bad = [
    '',
    'a',
    '1.0_1',
    '1.0-',
    ':1',
    '1:',
    'a:1',
    '1.0 ',
    ' 1',
    '1/0',
    '-1',
    '1-1_',
    '1:-1',
    '2147483648:1',
  ]
  bad.push('~1', '1.0\n', '1é', '-', '1:a', `1${'0'.repeat(200)}`)
  for (const version of bad) {
    assert.equal(readVersion(version), undefined, version)
    assert.throws(() => versionRules.normalize(version), { status: 400 })
  }
})

test('file names say versions without their epochs', () => {
  assert.equal(withoutEpoch('1:1.0-2'), '1.0-2')
  assert.equal(withoutEpoch('1.0'), '1.0')
})

test('what comes before a release is told from what is built for another distribution', () => {
  const early = ['1.0~rc1', '1.0~rc1-1', '2.0~beta-1', '1.0~git2024-1', '1.0~20240101.1a2b3c4-1', '3.0~exp1']
  early.push('1.0~~pre1-1', '1.0+dfsg~rc1-1', '1.0~rc1+dfsg-1', '1:1.0~alpha.2-1ubuntu1', '1.0-0~rc1-1')
  early.push('1.0~rc1-1~bpo12+1', '1.0~rc1~bpo12+1', '1.0~rc2-1~deb12u1', '0.9~dev4~ubuntu22.04', '1.0~deb-1')
  early.push('1.0-1~exp1', '1.0-1~exp1~bpo12+1', '1.0+dfsg+~cs2~rc1-1')
  assert.deepEqual(
    early.filter((one) => !isPrerelease(one)),
    [],
  )
  const released = [
    '1.0',
    '1.0-1',
    '1.0-1~bpo12+1',
    '1.0-1~deb12u1',
    '1.0+dfsg-2+deb12u1~bpo11+1',
    '13.3.3~bpo10+1',
  ]
  released.push('1.0~deb12u1', '1.0-1~ubuntu22.04', '1.0~ubuntu22.04.1', '1.0~22.04', '1.0-1ubuntu1~22.04.1')
  released.push('5:24.0.7-1~debian.12~bookworm', '1.24.0-1~jammy', '8.2.12-1+0~20231026.71+debian12~1.gbp12')
  released.push(
    '8.0~repack-4',
    '1.2~dfsg-1',
    '1.2~ds1-3',
    '3.6.1+dfsg+~3.5.14-1',
    '4.17.21+dfsg+~cs8.31-9',
    '2.0-0',
  )
  assert.deepEqual(released.filter(isPrerelease), [])
  for (const one of [...early, ...released])
    assert.equal(isPrerelease(versionRules.normalize(one)), early.includes(one), one)
  assert.equal(versionRules.isPrerelease, isPrerelease)
})

const characters = fc.constantFrom(...'0001119aAzZ.+~-:'.split(''))
const text = fc.array(characters, { maxLength: 9 }).map((all) => all.join(''))
const version = text.map((rest) => `1${rest}`).filter((one) => readVersion(one) !== undefined)

test('the order is total, and agrees with the one spelling', () => {
  const sign = (a: string, b: string) => Math.sign(compareVersions(a, b))
  const property = fc.property(version, version, version, (a, b, c) => {
    assert.equal(sign(a, a), 0)
    assert.equal(sign(a, b), 0 - sign(b, a))
    if (sign(a, b) <= 0 && sign(b, c) <= 0) assert.ok(sign(a, c) <= 0)
    const [left, right] = [normalizeVersion(a), normalizeVersion(b)]
    assert.equal(normalizeVersion(left), left)
    assert.equal(sign(a, left), 0)
    assert.equal(left === right, sign(a, b) === 0, `${a} ${b}`)
  })
  fc.assert(property, { numRuns: 20_000 })
})

test('any text is a version or refused, soon', () => {
  const began = performance.now()
  const any = fc.oneof(
    text,
    fc.string({ maxLength: 300 }),
    fc.nat(400).map((count) => `1${'-'.repeat(count)}`),
  )
  const property = fc.property(any, (one) => {
    try {
      normalizeVersion(one)
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
    }
  })
  fc.assert(property, { numRuns: 5000 })
  assert.ok(performance.now() - began < 5000)
})
