import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { it, type TestContext } from 'node:test'
import type { BlobStore } from './blob-store.ts'
import { joinStores, placeOf } from './joined.ts'
import { openLocalStore } from './local.ts'

/** Two directories stand in for disk and bucket. */
async function twoStores(t: TestContext): Promise<{ local: BlobStore; object: BlobStore }> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-joined-'))
  t.after(() => rm(dir, { recursive: true }))
  return { local: await openLocalStore(join(dir, 'a')), object: await openLocalStore(join(dir, 'b')) }
}

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

it('bytes are read from where they were written, wherever new ones go', async (t) => {
  const stores = await twoStores(t)
  const [toDisk, toBucket] = [
    joinStores({ ...stores, writesTo: 'local' }),
    joinStores({ ...stores, writesTo: 'object' }),
  ]
  const onDisk = await toDisk.write(one('on disk'))
  const inBucket = await toBucket.write(one('in the bucket'))
  assert.deepEqual([placeOf(onDisk.key), placeOf(inBucket.key)], ['local', 'object'])
  for (const store of [toDisk, toBucket]) {
    assert.equal((await store.read(onDisk.key)).toString(), 'on disk')
    assert.equal((await buffer(store.open(inBucket.key, { start: 3 }))).toString(), 'the bucket')
    await store.keep(inBucket.key)
  }
  assert.deepEqual(toDisk.counts, { opens: 4, writes: 2, deletes: 0 })
  await toDisk.release(inBucket.key)
  assert.deepEqual(await Array.fromAsync(toDisk.leftovers({ olderThanMs: 0 })), [], 'all of this run')
  for (const { key } of [onDisk, inBucket]) await toDisk.delete(key)
  await assert.rejects(toBucket.read(inBucket.key), { name: 'StoredBytesMissing' })
})

it('bytes in a bucket that is not configured any more are named as such', async (t) => {
  const { local } = await twoStores(t)
  const store = joinStores({ local, object: undefined, writesTo: 'local' })
  const key = `object/ab/cd/abcd${'0'.repeat(28)}`
  assert.throws(() => store.open(key), /stored in a bucket: packages.object_store must name it/)
  await assert.rejects(store.read(key), /packages.object_store/)
})

it('is well where all of its stores are', async (t) => {
  const { local, object } = await twoStores(t)
  const ill = { ...object, check: () => Promise.reject(new Error('the bucket is ill')) }
  await joinStores({ local, object, writesTo: 'object' }).check!()
  await joinStores({ local: undefined, object, writesTo: 'object' }).check!()
  await assert.rejects(joinStores({ local, object: ill, writesTo: 'local' }).check!(), /the bucket is ill/)
})
