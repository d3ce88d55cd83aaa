import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { seal, secretKeyId, unseal, UnsealError } from './secrets.ts'

const key = 'k'.repeat(32)

describe('sealing', () => {
  it('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) =>
        unseal(key, seal(key, Buffer.from(bytes))).equals(bytes),
      ),
    )
    assert.equal(unseal(key, seal(key, 'grüße')).toString(), 'grüße')
    const bytes = randomBytes(32)
    assert.equal(unseal(bytes, seal(bytes, 'x')).toString(), 'x')
  })

  it('shows nothing and repeats nothing', () => {
    const sealed = seal(key, 'a secret')
    assert.notEqual(sealed, seal(key, 'a secret'))
    assert.match(sealed, /^s1\.[0-9a-f]{16}\.[A-Za-z0-9_-]+$/)
    assert.ok(sealed.startsWith(`s1.${secretKeyId(key)}.`))
    assert.ok(!Buffer.from(sealed.split('.')[2]!, 'base64url').includes('secret'))
  })

  it('stays the same over releases', () => {
    const sealed =
      's1.8ebd2e1732872398.iMSVceTOJlJuVTXe0H5_9AwqITszZ-mWrlFL9_HnPd2IBdAL1DobWnrYBJMtcHFpsp0_999_kA'
    assert.equal(unseal(key, sealed).toString(), 'written by an older release')
  })

  it('says which key is wanted', () => {
    const other = 'o'.repeat(32)
    const sealed = seal(other, 'x')
    assert.throws(
      () => unseal(key, sealed),
      (error) => {
        assert.ok(error instanceof UnsealError)
        assert.match(
          error.message,
          new RegExp(`under the secret key ${secretKeyId(other)}, .* ${secretKeyId(key)}$`),
        )
        return true
      },
    )
  })

  it('does not open what was altered anywhere', () => {
    const [version, id, body] = seal(key, 'a secret').split('.') as [string, string, string]
    const bytes = Buffer.from(body, 'base64url')
    for (let i = 0; i < bytes.length; i++) {
      const altered = Buffer.from(bytes)
      altered[i]! ^= 1
      assert.throws(() => unseal(key, `${version}.${id}.${altered.toString('base64url')}`), UnsealError)
    }
    const broken = [
      '',
      'x',
      `s2.${id}.${body}`,
      `s1.${id}`,
      `s1.${id}.AAAA`,
      `s1.${id}.${body}\n`,
      `s1.${id}.`,
    ]
    for (const sealed of broken) assert.throws(() => unseal(key, sealed), UnsealError)
  })

  it('refuses short keys', () => {
    assert.throws(() => seal('k'.repeat(31), 'x'), RangeError)
    assert.throws(() => seal('', 'x'), RangeError)
  })
})
