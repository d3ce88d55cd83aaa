import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import type { BlobStore, ByteRange } from '../../storage/blob-store.ts'
import { openStored } from './open-stored.ts'

const bytes = randomBytes(300_000)
const sha256 = createHash('sha256').update(bytes).digest('hex')

/** A store that hands out these bytes, in chunks of 10,000. */
function storeOf(held: Buffer): BlobStore {
  const open = (_key: string, { start, end }: ByteRange = { start: 0 }) => {
    const part = held.subarray(start, end === undefined ? undefined : end + 1)
    const chunks = Array.from({ length: Math.ceil(part.length / 10_000) }, (_, index) =>
      part.subarray(index * 10_000, (index + 1) * 10_000),
    )
    return Readable.from(chunks)
  }
  return { open } as unknown as BlobStore
}

const damaged = Buffer.from(bytes)
damaged[299_999]! ^= 1
const inBucket = { storageKey: 'object/ab/cd/x', size: bytes.length, sha256 }

it('bytes from a bucket come whole, and wrong ones never whole', async () => {
  const good = await Array.fromAsync(openStored({ blobs: storeOf(bytes) }, inBucket))
  assert.ok(Buffer.concat(good as Buffer[]).equals(bytes))
  let received = 0
  const reading = async () => {
    for await (const chunk of openStored({ blobs: storeOf(damaged) }, inBucket))
      received += (chunk as Buffer).length
  }
  await assert.rejects(reading(), { status: 500, code: 'damaged' })
  assert.ok(received <= bytes.length - 64 * 1024, 'the last stretch is held back')
})

it('a stretch, and what lies on disk, comes as it is', async () => {
  const stretch = openStored({ blobs: storeOf(damaged) }, inBucket, { start: 299_990 })
  assert.equal(Buffer.concat((await Array.fromAsync(stretch)) as Buffer[]).length, 10)
  const onDisk = openStored({ blobs: storeOf(damaged) }, { ...inBucket, storageKey: 'ab/cd/x' })
  assert.ok(Buffer.concat((await Array.fromAsync(onDisk)) as Buffer[]).equals(damaged))
})
