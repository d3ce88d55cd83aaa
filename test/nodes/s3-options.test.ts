/** How a store in a bucket is reached, and what it says where it cannot be. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { createServer } from 'node:tls'
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { StartRefused } from '../../src/lib/start-refused.ts'
import type { S3Options } from '../../src/storage/s3-client.ts'
import { openS3Store } from '../../src/storage/s3.ts'
import { makeCertificate } from '../certificate.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

async function* body(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

describe('a store in a bucket', () => {
  let server: S3Server
  before(async () => {
    server = await startVersitygw()
    await server.makeBucket('packages')
  })
  after(() => server.stop())

  for (const checksums of ['crc32', 'md5', 'none'] as const) {
    it(`stores small and large files with checksums of kind ${checksums}`, async () => {
      const store = await openS3Store(server.options('packages', { checksums }))
      for (const size of [0, 1, 10 * 1024 * 1024, 10 * 1024 * 1024 + 1, 25_000_000]) {
        const bytes = randomBytes(size)
        const { key, size: stored } = await store.write(body(bytes))
        assert.equal(stored, size)
        assert.ok((await buffer(store.open(key))).equals(bytes), `${size} bytes`)
        await store.delete(key)
      }
      await store.close()
      assert.deepEqual(await server.objects('packages'), [])
    })
  }

  it('aborts what a killed process was uploading in parts, once it is swept', async () => {
    const name = 'ab'.repeat(16)
    const client = new S3Client({
      region: 'us-east-1',
      endpoint: server.endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId: server.keys.id, secretAccessKey: server.keys.secret },
    })
    const store = await openS3Store(server.options('packages'))
    const key = `ab/ab/${name}`
    await store.release(key)
    const object = { Bucket: 'packages', Key: `blobs/${key}` }
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(object))
    await client.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: 'part' }))
    const uploads = async () =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket: 'packages' }))).Uploads?.length ?? 0
    assert.equal(await uploads(), 1)
    for await (const found of store.leftovers({ olderThanMs: 60_000 })) assert.fail(found)
    assert.equal(await uploads(), 1, 'it may still be under way')
    for await (const found of store.leftovers({ olderThanMs: 0 })) await store.delete(found)
    assert.equal(await uploads(), 0)
    assert.deepEqual(await server.objects('packages'), [])
    await store.close()
    client.destroy()
  })

  it('is reached by TLS, where the authorities are those it was told', async (t) => {
    const { key, cert } = makeCertificate()
    const dir = await mkdtemp(join(tmpdir(), 'entrepot-s3-tls-'))
    t.after(() => rm(dir, { recursive: true }))
    const ca = join(dir, 'ca.pem')
    await writeFile(ca, cert)
    const front = createServer({ key, cert }, (socket) => {
      const back = connect(Number(new URL(server.endpoint).port), '127.0.0.1')
      for (const [end, other] of [
        [socket, back],
        [back, socket],
      ] as const)
        end.on('error', () => {}).on('close', () => other.destroy())
      socket.pipe(back).pipe(socket)
    })
    front.listen(0, '127.0.0.1')
    await once(front, 'listening')
    t.after(() => front.close())
    const endpoint = `https://127.0.0.1:${(front.address() as AddressInfo).port}`
    const store = await openS3Store(server.options('packages', { endpoint, ca }))
    const bytes = randomBytes(11_000_000)
    const written = await store.write(body(bytes))
    assert.ok((await buffer(store.open(written.key))).equals(bytes))
    await store.delete(written.key)
    await store.close()
    await assert.rejects(openS3Store(server.options('packages', { endpoint })), /SELF_SIGNED|self-signed/)
  })

  const refusals: Record<string, { more: Partial<S3Options>; bucket?: string; says: RegExp }> = {
    'there is no such bucket': {
      bucket: 'missing',
      more: {},
      says: /there is no bucket missing at http.*: make it, or correct packages.object_store.remote_directory$/,
    },
    'the keys are wrong': {
      more: { keys: { id: 'test-access-key', secret: 'wrong' } },
      says: /is closed to this server \(403\): check the keys in packages.object_store.connection/,
    },
    'nobody listens': {
      more: { endpoint: 'http://127.0.0.1:1' },
      says: /cannot reach the bucket packages at http:\/\/127.0.0.1:1 \(ECONNREFUSED.*check packages.object_store.connection/,
    },
    'the authorities cannot be read': {
      more: { ca: '/nowhere/ca.pem' },
      says: /packages.object_store.connection.ca: cannot read \/nowhere\/ca.pem/,
    },
  }
  for (const [title, { more, bucket = 'packages', says }] of Object.entries(refusals)) {
    it(`stops the start with one line when ${title}`, async () => {
      await assert.rejects(openS3Store(server.options(bucket, more)), (error) => {
        assert.ok(error instanceof StartRefused)
        assert.match(error.message, says)
        assert.ok(!error.message.includes('\n') && !error.message.includes('wrong'))
        return true
      })
    })
  }
})
