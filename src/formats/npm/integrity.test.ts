import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { integrityOf, readDist } from './integrity.ts'

const bytes = Buffer.from('the tarball')
const sri = (algorithm: string, of: Uint8Array = bytes) => `${algorithm}-${hash(algorithm, of, 'base64')}`
const hex = (algorithm: string, of: Uint8Array = bytes) => hash(algorithm, of)
const [sha1, sha256, sha512] = [hex('sha1'), hex('sha256'), hex('sha512')]

test('what registries usually say needs no text beside the digests', () => {
  assert.deepEqual(readDist({ integrity: sri('sha512'), shasum: sha1.toUpperCase() }), {
    digests: { sha512, sha1 },
  })
  assert.deepEqual(readDist({ integrity: ` ${sri('sha512')}\n` }), { digests: { sha512 } })
  assert.equal(integrityOf(sha512), sri('sha512'))
})

test('an unusual integrity keeps its text', () => {
  const said: readonly [text: string | null, digests: object][] = [
    [`${sri('sha1')} ${sri('sha512')}`, { sha1, sha512 }],
    [`${sri('sha512')}?ct=x`, { sha512 }],
    [`${sri('sha384')} ${sri('sha256')}`, { sha256 }],
    [sri('sha384'), {}],
    [sri('md5'), {}],
    ['what is this', {}],
    ['constructor-x', {}],
    [null, {}],
    ['', {}],
  ]
  for (const [integrity, digests] of said) {
    assert.deepEqual(readDist({ integrity }), { digests, integrity: integrity ?? '' }, String(integrity))
    const withShasum = readDist({ integrity, shasum: sha1 })
    assert.deepEqual(withShasum, { digests: { ...digests, sha1 }, integrity: integrity ?? '' })
  }
})

test('digests that are none or contradict each other are refused', () => {
  const other = Buffer.from('another')
  const bad: readonly object[] = [
    { integrity: `${sri('sha512')} ${sri('sha512', other)}` },
    { integrity: sri('sha1'), shasum: hex('sha1', other) },
    { integrity: sri('sha512').slice(0, -8) },
    { integrity: 'sha512-' },
    { integrity: 'sha256-***' },
    { integrity: ['sha512'] },
    { integrity: 'x'.repeat(3000) },
    { shasum: sha1.slice(1) },
    { shasum: `${sha1.slice(1)}g` },
    { shasum: 7 },
  ]
  for (const dist of bad)
    assert.throws(() => readDist({ ...dist }), /dist/, JSON.stringify(dist).slice(0, 90))
})

test('whatever bytes there are, in any order of hashes, the digests are theirs', () => {
  const algorithms = fc.shuffledSubarray(['sha1', 'sha256', 'sha384', 'sha512'], { minLength: 1 })
  fc.assert(
    fc.property(fc.uint8Array(), algorithms, fc.constantFrom(' ', '  ', '\n\t'), (some, used, blank) => {
      const { digests } = readDist({ integrity: used.map((one) => sri(one, some)).join(blank) })
      const known = used.filter((one) => one !== 'sha384')
      assert.deepEqual({ ...digests }, Object.fromEntries(known.map((one) => [one, hex(one, some)])))
    }),
  )
})
