import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, constantFrom, property } from 'fast-check'
import { compareVersions, isPrerelease, isSnapshot, normalizeVersion } from './versions.ts'

/** As Maven 3.8.7 answers (the main class of its ComparableVersion). */
const answers = `
1-alpha < 1.0-rc
1.0-rc == 1-cr
1-cr < 1-SNAPSHOT
1-SNAPSHOT < 1
1 == 1.0.0
1.0.0 == 1-ga
1-ga == 1-final
1-final == 1-release
1-release < 1-sp
1-sp < 1.x
1.x == 1-x
1-x < 1-1
1-1 < 1.1
1.1 > 1-a1
1-a1 == 1.a1
1.a1 < 1_1
1_1 > 1.0.RC2
1.0.RC2 < 1-0.alpha
1-0.alpha > 1.0.0-alpha.1
1.0.0-alpha.1 < 1..0
1..0 > 1-m3
1-m3 < 1-m
1-m > 1-b12
1-b12 > 1-b2
1-b2 > 1-alpha-10
1-alpha-10 > 1-alpha-2
1-alpha-2 < 1.0-ALPHA3
1.0-ALPHA3 < 1-0-1
1-0-1 < 1-1
1-1 < 1.0.10
1.0.10 > 1.0.9
1.0.9 < 1.0.9-jre
1.0.9-jre > 1.0.9-android
1.0.9-android > 1.0.9.Final
1.0.9.Final == 1.0.9
1.0.9 < 123456789012345678901234567890
123456789012345678901234567890 > 20240101
20240101 > x
x == X
X < x1
x1 < x.1
x.1 < 1-ga-1
1-ga-1 > 1.ga.1
1.ga.1 < 1-sp-ga.1
1-sp-ga.1 < 1.0.a-0
1.0.a-0 > 1.0-a-0
1.0-a-0 > -1
-1 < 1-
1- < 1.0+build
1.0+build < 2.0.0.RELEASE
2.0.0.RELEASE > 2.0.0.M1
2.0.0.M1 < 2.0.0.BUILD-SNAPSHOT
2.0.0.BUILD-SNAPSHOT > 2.0.0-rc.10
2.0.0-rc.10 > 2.0.0-rc.9
2.0.0-rc.9 > r09
r09 == r9
`

test('the order is the one that Maven answers; what Maven holds equal comes in text order', () => {
  for (const [, a, sign, b] of answers.matchAll(/^(\S+) (<|>|==) (\S+)$/gm)) {
    const expected = { '<': -1, '>': 1, '==': a! < b! ? -1 : 1 }[sign as '<' | '>' | '==']
    assert.equal(Math.sign(compareVersions(a!, b!)), expected, `${a} ${sign} ${b}`)
  }
})

test('any two versions have an order, the same from both sides, and equal only themselves', () => {
  const part = constantFrom('0', '1', '10', '01', 'a', 'rc', 'ga', 'sp', 'x', 'SNAPSHOT', '.', '-', '+', '_')
  const version = array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
  check(
    property(version, version, (a, b) => {
      const order = compareVersions(a, b)
      assert.equal(Math.sign(order) + Math.sign(compareVersions(b, a)), 0)
      assert.equal(order === 0, a === b)
    }),
  )
})

test('a spelling stays as it is', () => {
  for (const version of ['1', '1.0', '1.0.0', '1.0-SNAPSHOT', '1.0+build_7', '2.0.0.RELEASE', 'r09', '-1']) {
    assert.equal(normalizeVersion(version), version)
  }
})

test('what may not stand in a path segment is refused', () => {
  for (const version of [
    '',
    '.',
    '..',
    '1..0',
    '.1',
    '1/0',
    '1 0',
    '1\n',
    '${revision}',
    '1\u0000',
    'é',
    '1'.repeat(256),
  ]) {
    assert.throws(() => normalizeVersion(version), { status: 400 }, JSON.stringify(version))
  }
})

test('snapshots and prereleases are known', () => {
  assert.deepEqual(['1.0-SNAPSHOT', 'SNAPSHOT', '1.0SNAPSHOT', '1.0', '1.0-SNAPSHOT-1'].map(isSnapshot), [
    true,
    true,
    false,
    false,
    false,
  ])
  assert.deepEqual(['1.0-SNAPSHOT', '1.0-rc1', '1.0.M2', '1-b2'].map(isPrerelease), [true, true, true, true])
  assert.deepEqual(['1', '1.0.Final', '31.1-jre', '1-sp1', '1.0-b'].map(isPrerelease), [
    false,
    false,
    false,
    false,
    false,
  ])
})
