import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { Digest, Digests } from '../../formats/format.ts'
import { createHashing } from './hashing.ts'

const body = Buffer.alloc(3 * 1024 * 1024, 'bytes')
const digest = (name: Digest, bytes = body) => createHash(name).update(bytes).digest('hex')
const parts = { usual: ['sha1'], all: ['md5', 'sha1', 'sha512'] } as const

function hashed(said: Promise<Digests>, pieces: readonly Buffer[]): Promise<Digests> {
  const hashing = createHashing({ ...parts, said })
  for (const piece of pieces) hashing.update(piece)
  return hashing.digests()
}

test('the usual digests are worked out, and those that the upstream says', async () => {
  const short = body.subarray(0, 1000)
  const usual = { sha256: digest('sha256', short), sha1: digest('sha1', short) }
  assert.deepEqual(await hashed(Promise.resolve({}), [short]), usual)
  assert.deepEqual(await hashed(Promise.resolve({ md5: 'other' }), [short]), {
    ...usual,
    md5: digest('md5', short),
  })
  assert.deepEqual(await hashed(Promise.reject(new Error('away')), [short]), usual)
  assert.deepEqual(await hashed(Promise.resolve({}), []), {
    sha256: digest('sha256', Buffer.alloc(0)),
    sha1: digest('sha1', Buffer.alloc(0)),
  })
})

test('a long file does not wait until the upstream says which', async () => {
  const { promise, resolve } = Promise.withResolvers<Digests>()
  const hashing = createHashing({ ...parts, said: promise })
  for (let at = 0; at < body.length; at += 60_000) hashing.update(body.subarray(at, at + 60_000))
  resolve({ md5: digest('md5') })
  const all = { sha256: digest('sha256'), md5: digest('md5'), sha1: digest('sha1'), sha512: digest('sha512') }
  assert.deepEqual(await hashing.digests(), all)
})
