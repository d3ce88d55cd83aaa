/** A store that fails while a file comes from upstream: who waits for the file gets it, nothing is kept, and it is told. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import type { BlobStore } from '../../src/storage/blob-store.ts'
import { readExactly } from './exact-reader.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { filledGroup, onlyLoopback } from './filled-registry.ts'
import { npmUpstream } from './npm-packages.ts'

/** After how many bytes writing fails; undefined: it does not. */
const disk: { failsAfter: number | undefined } = { failsAfter: undefined }

function failing(blobs: BlobStore): BlobStore {
  async function* broken(body: AsyncIterable<Uint8Array>, limit: number) {
    let taken = 0
    if (limit > 0) {
      for await (const chunk of body) {
        taken += chunk.length
        yield chunk
        if (taken >= limit) break
      }
    }
    throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' })
  }
  return {
    ...blobs,
    get counts() {
      return blobs.counts
    },
    write: (body, options) =>
      blobs.write(disk.failsAfter === undefined ? body : broken(body, disk.failsAfter), options),
  }
}

let app: TestApp
let upstream: FaultyUpstream
let made = 0
before(async () => {
  app = await createTestApp({ env: onlyLoopback, store: failing })
  upstream = await startFaultyUpstream()
})
after(async () => {
  await upstream?.close()
  await app?.close()
})

async function place(ballast: number) {
  disk.failsAfter = undefined
  const pkg = npmUpstream(upstream).publish({ name: `far-${++made}`, version: '1.0.0', ballast })
  const { registry } = await filledGroup(app, `place-${made}`, { url: upstream.url })
  const headers = { 'private-token': app.root.token }
  const get = (path = pkg.path) => readExactly(registry + path, { headers })
  // The document is there; the store fails later.
  assert.equal((await get(`/${pkg.name}`)).status, 200)
  await app.core.upstreams.idle()
  return { pkg, registry, get }
}

const keptFiles = async (path: string) => {
  const rows = await app.core.database.read.selectFrom('upstream_files').select('path').execute()
  return rows.filter((row) => path.endsWith(row.path) || row.path.endsWith(path)).length
}

/** What the log says, which must be this error, so many times. */
function expectErrors(count: number): void {
  const lines = app.errors
    .splice(0)
    .map((line) => JSON.parse(line) as { msg: string; err: { message: string } })
  assert.equal(lines.length, count)
  for (const { msg, err } of lines) {
    assert.equal(msg, 'a file from upstream is passed on without being kept')
    assert.match(err.message, /EIO: i\/o error, write/)
  }
}

async function failedWrites(): Promise<number> {
  const text = await (await app.root.get('/-/metrics')).text()
  return Number(/^entrepot_storage_errors_total\{.*write.*\} (\d+)$/m.exec(text)?.[1] ?? 0)
}

const sizes = { small: 1_000, medium: 300_000, large: 9_000_000 }
const moments = {
  'before the first byte': 0,
  'half-way': 0.5,
  'with the last byte': 1,
  'when all came': Infinity,
}

describe('a store that fails while a file comes from upstream', () => {
  for (const [size, ballast] of Object.entries(sizes)) {
    for (const [moment, part] of Object.entries(moments)) {
      it(`${moment} of a ${size} one: the client gets it whole, and the next fetch keeps it`, async () => {
        const { pkg, get } = await place(ballast)
        const wrong = await failedWrites()
        disk.failsAfter = Math.ceil(pkg.tarball.length * part)
        upstream.forget()
        const first = await get()
        assert.deepEqual([first.status, first.end], [200, 'complete'])
        assert.ok(first.body.equals(pkg.tarball))
        await app.core.upstreams.idle()
        expectErrors(1)
        assert.equal(await failedWrites(), wrong + 1)
        assert.equal(await keptFiles(pkg.path), 0)
        disk.failsAfter = undefined
        assert.ok((await get()).body.equals(pkg.tarball))
        await app.core.upstreams.idle()
        assert.ok((await get()).body.equals(pkg.tarball))
        assert.equal(upstream.asked(pkg.path), 2)
        assert.equal(await keptFiles(pkg.path), 1)
      })
    }
  }

  it('gives nobody the end of a file that is not what it should be', async () => {
    for (const ballast of Object.values(sizes)) {
      const { pkg, get } = await place(ballast)
      const body = Buffer.from(pkg.tarball)
      body[10] = body[10]! ^ 1
      upstream.contents.set(pkg.path, { body, type: 'application/octet-stream' })
      disk.failsAfter = Math.floor(body.length / 2)
      const got = await get()
      assert.ok(got.status >= 500 || got.end === 'broken', `${got.status} ${got.end}`)
      assert.ok(got.status >= 500 || got.body.length <= body.length - 64 * 1024)
      await app.core.upstreams.idle()
      assert.equal(await keptFiles(pkg.path), 0)
      expectErrors(1)
    }
  })

  it('serves several clients at once, and who comes later', async () => {
    const { pkg, get } = await place(sizes.large)
    disk.failsAfter = 2_000_000
    const all = await Promise.all(
      Array.from({ length: 4 }, async (_, at) => {
        await sleep(at * 5)
        return get()
      }),
    )
    // One that began to read behind what is still in memory is broken off, and never takes it for whole.
    for (const { end, body } of all) assert.equal(body.equals(pkg.tarball), end === 'complete')
    assert.equal(all[0]!.end, 'complete')
    const late = await get()
    assert.equal(late.end, 'complete')
    await app.core.upstreams.idle()
    assert.ok(app.errors.length >= 2)
    expectErrors(app.errors.length)
  })

  it('goes on at the pace of its reader, and ends when nobody reads any more', async () => {
    const { pkg, registry } = await place(40_000_000)
    disk.failsAfter = 1_000_000
    upstream.forget()
    const { hostname, port, pathname } = new URL(registry + pkg.path)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(`GET ${pathname} HTTP/1.1\r\nhost: x\r\nprivate-token: ${app.root.token}\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    const held = process.memoryUsage().arrayBuffers
    await sleep(1_000)
    assert.ok(process.memoryUsage().arrayBuffers - held < 30_000_000)
    let isOver = false
    const idle = app.core.upstreams.idle().then(() => (isOver = true))
    assert.equal(isOver, false, 'it waits for its reader')
    socket.destroy()
    await idle
    assert.equal(await keptFiles(pkg.path), 0)
    expectErrors(1)
  })
})
