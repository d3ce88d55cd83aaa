/** What holds of a format's value by itself: names, versions and their order. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../lib/problem.ts'
import type { Suite } from './scene.ts'

/** Spellings near the good and the bad ones, and any text at all. */
function spellings(known: readonly string[]): fc.Arbitrary<string> {
  const near = fc
    .tuple(
      fc.constantFrom(...known),
      fc.nat(),
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...known)),
    )
    .map(([text, at, more]) => {
      const cut = at % (text.length + 1)
      return text.slice(0, cut) + more + text.slice(cut)
    })
  return fc.oneof(fc.constantFrom(...known), near, fc.string({ unit: 'binary' }))
}

function refused(normalize: (text: string) => string, text: string): boolean {
  try {
    normalize(text)
    return false
  } catch (error) {
    assert.ok(error instanceof Problem, `${JSON.stringify(text)}: ${String(error)}`)
    assert.equal(error.status, 400)
    return true
  }
}

/** Either refused with 400, or the result is its own normal form. */
function checkIdempotent(normalize: (text: string) => string, known: readonly string[]): void {
  const property = fc.property(spellings(known), (text) => {
    if (refused(normalize, text)) return
    const once = normalize(text)
    assert.equal(normalize(once), once)
  })
  fc.assert(property, { numRuns: 500 })
}

export function contractTests({ format, samples }: Suite): void {
  const { names, versions } = format

  it('normalises names, and a normal form stays what it is', () => {
    for (const [given, normalized] of samples.normalized) assert.equal(names.normalize(given), normalized)
    assert.notEqual(names.normalize(samples.names[0]), names.normalize(samples.names[1]))
    checkIdempotent(names.normalize, [...samples.names, ...samples.normalized.flat(), ...samples.badNames])
  })

  it('refuses bad names and versions with 400', () => {
    for (const bad of samples.badNames) assert.ok(refused(names.normalize, bad), JSON.stringify(bad))
    for (const bad of samples.badVersions) assert.ok(refused(versions.normalize, bad), JSON.stringify(bad))
  })

  it('normalises versions, and a normal form stays what it is', () => {
    checkIdempotent(versions.normalize, [...samples.versions, ...samples.badVersions])
    const normal = samples.versions.map(versions.normalize)
    assert.equal(new Set(normal).size, normal.length, 'the sample versions differ')
  })

  const { compare } = versions
  if (compare) {
    it('orders versions as the sample list does', () =>
      checkSampleOrder(samples.versions, versions.normalize, compare))
    it('orders versions totally', () => checkTotal(samples.versions, versions.normalize, compare))
  }
}

type Compare = (a: string, b: string) => number

function checkSampleOrder(
  listed: readonly string[],
  normalize: (text: string) => string,
  compare: Compare,
): void {
  const ascending = listed.map(normalize)
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries())
      assert.equal(Math.sign(compare(a, b)), Math.sign(i - j), `${a} and ${b}`)
  }
}

/** Antisymmetric and transitive, and only equal versions compare as equal, among versions that nobody thought of. */
function checkTotal(listed: readonly string[], normalize: (text: string) => string, compare: Compare): void {
  const good = spellings(listed)
    .filter((text) => !refused(normalize, text))
    .map(normalize)
  const property = fc.property(good, good, good, (a, b, c) => {
    assert.equal(Math.sign(compare(a, b)), 0 - Math.sign(compare(b, a)), `${a} and ${b}`)
    assert.equal(compare(a, b) === 0, a === b, `${a} and ${b}`)
    const [x, y, z] = [a, b, c].toSorted(compare)
    assert.ok(compare(x!, y!) <= 0 && compare(y!, z!) <= 0 && compare(x!, z!) <= 0, `${x}, ${y} and ${z}`)
  })
  fc.assert(property, { numRuns: 1000 })
}
