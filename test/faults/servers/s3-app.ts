/** A server of ours that stores in a bucket behind the proxy that does wrong. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { sweepLeftovers } from '../../../src/core/publish/sweep.ts'
import { createTestApp, type TestApp } from '../../app.ts'
import { startS3Proxy, type S3Proxy } from '../../nodes/s3-proxy.ts'
import { startVersitygw, type S3Server } from '../../nodes/versitygw.ts'

export interface S3App {
  readonly app: TestApp
  readonly proxy: S3Proxy
  readonly server: S3Server
  /** Publishes that many bytes as a generic file. */
  publish(name: string, bytes: Uint8Array): Promise<{ status: number; text: string }>
  /** The bytes as a client gets them; 'broken' where the connection broke off. */
  download(name: string): Promise<{ status: number; bytes: Buffer; text: string } | 'broken'>
  /** After everything was swept: the bucket holds exactly the bytes that rows name, and nobody's mark. */
  assertNothingLeft(): Promise<void>
}

const bucket = 'packages'

export async function startS3App(
  t: TestContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<S3App> {
  const server = await startVersitygw()
  t.after(() => server.stop())
  await server.makeBucket(bucket)
  const proxy = await startS3Proxy({ to: server.endpoint, slowMs: 10_000 })
  t.after(() => proxy.stop())
  const app = await createTestApp({
    env: server.settings(bucket, {
      ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__ENDPOINT: proxy.endpoint,
      ENTREPOT_PACKAGES__OBJECT_STORE__PROXY_DOWNLOAD: 'true',
      ENTREPOT_PACKAGES__OBJECT_STORE__TIMEOUT: '3s',
      // Nothing of a file stays in memory: each download asks the store.
      ENTREPOT_CACHE__FILES_BYTES: '0',
      ...settings,
    }),
  })
  t.after(() => app.close())
  const { id } = await app.project('acme/files')
  const at = (name: string) => `/api/v4/projects/${id}/packages/generic/files/1.0/${name}`
  return {
    app,
    proxy,
    server,
    async publish(name, bytes) {
      const reply = await app.root.put(at(name), bytes)
      return { status: reply.status, text: await reply.text() }
    },
    async download(name) {
      try {
        const reply = await app.root.get(at(name))
        const bytes = Buffer.from(await reply.arrayBuffer())
        return { status: reply.status, bytes, text: bytes.toString('latin1') }
      } catch {
        return 'broken'
      }
    },
    async assertNothingLeft() {
      proxy.misbehave()
      await app.core.blobs.close()
      // The store's clock knows whole seconds only: what was marked in this one is not older yet.
      for (let tries = 0; tries < 40; tries++) {
        await sweepLeftovers(app.core, 1)
        if ((await server.objects(bucket, 'incoming/')).length === 0) break
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      const rows = await app.core.database.read.selectFrom('blobs').select('storage_key').execute()
      const named = rows.map((row) => row.storage_key.replace(/^object\//, 'blobs/')).toSorted()
      assert.deepEqual((await server.objects(bucket)).toSorted(), named)
    },
  }
}

export const small = () => randomBytes(2000)
/** More than is read at once, less than a part. */
export const medium = () => randomBytes(600_000)
/** Three parts. */
export const large = () => randomBytes(21_500_000)
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
