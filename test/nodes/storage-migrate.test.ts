/** Moving bytes between disk and bucket while the server is used. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCommand } from '../../src/cli/run.ts'
import { sweepLeftovers } from '../../src/core/publish/sweep.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { startS3Proxy, type S3Proxy } from './s3-proxy.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

const bucket = 'packages'

interface Setting {
  readonly app: TestApp
  readonly proxy: S3Proxy
  readonly server: S3Server
  /** What was published, by path; checked by `readAll`. */
  readonly published: Map<string, Buffer>
  publish(name: string, size: number): Promise<void>
  readAll(): Promise<void>
  /** Runs `entrepot storage migrate`; returns its exit code. */
  migrate(to: 'local' | 'object'): Promise<number>
  /** How many rows say that their bytes lie in the bucket, and how many on disk. */
  places(): Promise<{ object: number; local: number }>
  /** Files with bytes on disk. */
  onDisk(): Promise<string[]>
}

async function setting(t: TestContext): Promise<Setting> {
  const server = await startVersitygw()
  t.after(() => server.stop())
  await server.makeBucket(bucket)
  const proxy = await startS3Proxy({ to: server.endpoint })
  t.after(() => proxy.stop())
  const env = server.settings(bucket, {
    ENTREPOT_PACKAGES__OBJECT_STORE__ENABLED: 'false',
    ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__ENDPOINT: proxy.endpoint,
    ENTREPOT_PACKAGES__OBJECT_STORE__PROXY_DOWNLOAD: 'true',
    ENTREPOT_PACKAGES__OBJECT_STORE__TIMEOUT: '2s',
    ENTREPOT_CACHE__FILES_BYTES: '0',
  })
  const app = await createTestApp({ env })
  t.after(() => app.close())
  const { database } = app.config
  const { id } = await app.project('acme/files')
  const published = new Map<string, Buffer>()
  const root = join(app.config.packages.storagePath, 'blobs')
  return {
    app,
    proxy,
    server,
    published,
    async publish(name, size) {
      const bytes = randomBytes(size)
      const path = `/api/v4/projects/${id}/packages/generic/files/1.0/${name}`
      assert.equal((await app.root.put(path, bytes)).status, 201)
      published.set(path, bytes)
    },
    async readAll() {
      for (const [path, bytes] of published) {
        const reply = await app.root.get(path)
        assert.equal(reply.status, 200, path)
        assert.ok(Buffer.from(await reply.arrayBuffer()).equals(bytes), path)
      }
    },
    migrate: (to) =>
      runCommand(['storage', 'migrate', to, '--json'], {
        ...env,
        ENTREPOT_DATA: app.config.data,
        ...(database.kind === 'postgres' ? { ENTREPOT_DATABASE: database.url } : {}),
      }),
    async places() {
      const rows = await app.core.database.read.selectFrom('blobs').select('storage_key').execute()
      const object = rows.filter((row) => row.storage_key.startsWith('object/')).length
      return { object, local: rows.length - object }
    },
    async onDisk() {
      const found = await readdir(root, { recursive: true, withFileTypes: true })
      return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    },
  }
}

it('moves all bytes to the bucket and back while files are read, published and deleted', async (t) => {
  const at = await setting(t)
  for (let index = 0; index < 40; index++) await at.publish(`file-${index}`, index % 8 === 0 ? 600_000 : 900)
  await at.publish('large', 25_000_000)
  for (const to of ['object', 'local'] as const) {
    const done = new AbortController()
    let rounds = 0
    const using = (async () => {
      while (!done.signal.aborted) {
        await at.publish(`more-${to}-${rounds++}`, 2000)
        await at.readAll()
      }
    })()
    assert.equal(await at.migrate(to), 0)
    done.abort()
    await using
    assert.ok(rounds > 0)
    assert.equal(await at.migrate(to), 0, 'what was published meanwhile')
    await at.readAll()
    const { object, local } = await at.places()
    assert.equal(to === 'object' ? local : object, 0)
  }
  // The bucket tells its time in whole seconds.
  await sleep(1_100)
  await sweepLeftovers(at.app.core, 1)
  assert.deepEqual(await at.server.objects(bucket), [])
  assert.equal((await at.onDisk()).length, at.published.size)
  await at.readAll()
})

it('goes on where it was broken off, and frees the old bytes only after their time', async (t) => {
  const at = await setting(t)
  for (let index = 0; index < 30; index++) await at.publish(`file-${index}`, 1000)
  at.proxy.misbehave({ fault: 'error-503', method: 'PUT', path: /blobs\/[0-7]/ })
  assert.equal(await at.migrate('object'), 1)
  assert.ok(at.proxy.done['error-503'] > 0)
  await at.readAll()
  at.proxy.misbehave()
  assert.equal(await at.migrate('object'), 0)
  assert.deepEqual(await at.places(), { object: 30, local: 0 })
  assert.equal((await at.onDisk()).length, 30, 'somebody may still be reading')
  await sweepLeftovers(at.app.core, at.app.config.packages.sweepAfter)
  assert.equal((await at.onDisk()).length, 30)
  await sweepLeftovers(at.app.core, 1)
  assert.deepEqual(await at.onDisk(), [])
  await at.readAll()
  const bytes = (await at.server.objects(bucket)).filter((name) => name.startsWith('blobs/'))
  assert.equal(bytes.length, 30, 'what the broken move had copied is gone, too')
})

it('leaves damaged and missing bytes where they are, and says so', async (t) => {
  const at = await setting(t)
  for (let index = 0; index < 5; index++) await at.publish(`file-${index}`, 300_000)
  const [damaged, missing] = await at.onDisk()
  await writeFile(damaged!, randomBytes(300_000))
  await rm(missing!)
  assert.equal(await at.migrate('object'), 1)
  assert.deepEqual(await at.places(), { object: 3, local: 2 })
  assert.equal((await at.server.objects(bucket, 'blobs/')).length, 3)
  await sweepLeftovers(at.app.core, 1)
  assert.equal((await at.onDisk()).length, 1, 'the damaged one')
})

it('a reader who holds the old place finds the new one', async (t) => {
  const at = await setting(t)
  await at.publish('small', 1000)
  await at.publish('medium', 600_000)
  const { blobs } = at.app.core
  const [open, read] = [blobs.open, blobs.read]
  // Between a request's look at the row and its look at the bytes, they are moved and the old ones swept.
  let moves = 0
  async function moveNow(): Promise<void> {
    moves++
    Object.assign(blobs, { open, read })
    assert.equal(await at.migrate('object'), 0)
    await sweepLeftovers(at.app.core, 1)
    assert.deepEqual(await at.onDisk(), [])
  }
  const read1: typeof read = async (key) => {
    await moveNow()
    return read(key)
  }
  Object.assign(blobs, { read: read1 })
  await at.readAll()
  assert.equal(moves, 1)
  await at.migrate('local')
  const [, path] = [...at.published.keys()]
  const keys = await at.app.core.database.read.selectFrom('blobs').select('storage_key').execute()
  for (const { storage_key } of keys) assert.ok(!storage_key.startsWith('object/'))
  const moving = Promise.withResolvers<void>()
  const open1: typeof open = (key, range) => {
    Object.assign(blobs, { open })
    moves++
    const stream = open(key, range)
    stream.destroy()
    const late = new Readable({ read() {} })
    void moveNow().then(() => {
      open(key, range).on('error', (error) => late.destroy(error))
      moving.resolve()
    })
    return late
  }
  Object.assign(blobs, { open: open1 })
  const reply = await at.app.root.get(path!)
  await moving.promise
  assert.equal(reply.status, 200)
  assert.ok(Buffer.from(await reply.arrayBuffer()).equals(at.published.get(path!)!))
})
