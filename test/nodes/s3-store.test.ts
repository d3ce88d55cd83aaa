/** The store in a bucket, against a real S3 server. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { TestContext } from 'node:test'
import type { BlobStore } from '../../src/storage/blob-store.ts'
import { blobStoreSuite } from '../../src/storage/blob-store.suite.ts'
import type { StorePlace } from '../../src/storage/blob-store.suite.ts'
import { openS3Store } from '../../src/storage/s3.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

let server: S3Server
before(async () => {
  server = await startVersitygw()
})
after(() => server.stop())

let buckets = 0

async function place(t: TestContext, prefix: string): Promise<StorePlace> {
  const bucket = `bucket-${++buckets}`
  await server.makeBucket(bucket)
  const opened: BlobStore[] = []
  t.after(() => Promise.all(opened.map((store) => store.close())))
  return {
    async open() {
      const store = await openS3Store(server.options(bucket, { prefix }))
      opened.push(store)
      return store
    },
    async everything() {
      const names = await server.objects(bucket)
      assert.ok(names.every((name) => name.startsWith(prefix)))
      return names
    },
  }
}

blobStoreSuite('store in a bucket', (t) => place(t, ''))
blobStoreSuite('store in a part of a bucket', (t) => place(t, 'entrepot/packages/'))
