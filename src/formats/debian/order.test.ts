/** Keys sort as versions do. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { orderKey } from './order.ts'
import { samples } from './samples.ts'
import { compareVersions, readVersion } from './versions.ts'

const bytewise = (a: string, b: string) =>
  Math.sign(Buffer.compare(Buffer.from(orderKey(a)), Buffer.from(orderKey(b))))

it('is in the order of dpkg for versions that people think of', () => {
  for (const a of samples.versions)
    for (const b of samples.versions)
      assert.equal(bytewise(a, b), Math.sign(compareVersions(a, b)), `${a} and ${b}`)
  assert.equal(orderKey('1.0-0'), orderKey('0:1.0'))
})

it('is in the order of dpkg for versions that nobody thinks of', () => {
  const piece = fc.constantFrom('0', '00', '1', '9', '10', 'a', 'Z', '~', '+', '.', '-', ':', '~~', '0a')
  const version = fc
    .array(piece, { minLength: 1, maxLength: 8 })
    .map((pieces) => pieces.join(''))
    .filter((text) => readVersion(text) !== undefined)
  const property = fc.property(version, version, (a, b) => {
    assert.equal(bytewise(a, b), Math.sign(compareVersions(a, b)), `${a} and ${b}`)
  })
  fc.assert(property, { numRuns: 5000 })
})
