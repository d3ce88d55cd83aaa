/** Memory stays flat however big a file is. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, before, describe, it } from 'node:test'
import { startServer, type ServerProcess } from './process.ts'

/** In MB. */
const limit = 250
const mebibyte = 1024 * 1024
const project = '/api/v4/projects/acme%2Fapp/packages'

/** Random bytes that are made once and sent again and again, each time with another first byte. */
const piece = randomBytes(3 * mebibyte)

function* pieces(total: number): Generator<Buffer> {
  for (let sent = 0, turn = 0; sent < total; turn++) {
    const next = Buffer.from(piece.subarray(0, Math.min(piece.length, total - sent)))
    next[0] = turn % 256
    sent += next.length
    yield next
  }
}

function hexOf(algorithm: string, total: number): Buffer {
  const hash = createHash(algorithm)
  for (const next of pieces(total)) hash.update(next)
  return hash.digest()
}

/** The publish document of npm, its tarball's Base64 in the middle. */
function* npmBody(name: string, size: number): Generator<Buffer> {
  const version = '1.0.0'
  const integrity = `sha512-${hexOf('sha512', size).toString('base64')}`
  const head = {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, dist: { integrity } } },
  }
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"_attachments":{"${name}-${version}.tgz":{"data":"`)
  // A piece is a multiple of three bytes, so that the texts can be joined.
  for (const next of pieces(size)) yield Buffer.from(next.toString('base64'))
  yield Buffer.from('"}}}')
}

describe('memory', () => {
  let dir = ''
  let server: ServerProcess

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'entrepot-memory-'))
    server = (await startServer({ data: join(dir, 'data') }))!
  })
  after(async () => {
    try {
      await server.stop()
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })

  // Plain node:http: fetch would take longer over these bytes than the server.
  async function call(method: string, path: string, body: Iterable<Buffer> = []): Promise<IncomingMessage> {
    const sending = request(server.url + path, { method, headers: { 'private-token': server.token } })
    const answered = once(sending, 'response')
    await pipeline(Readable.from(body), sending)
    return (await answered)[0] as IncomingMessage
  }

  async function download(path: string): Promise<string> {
    const reply = await call('GET', path)
    assert.equal(reply.statusCode, 200)
    const hash = createHash('sha256')
    for await (const chunk of reply) hash.update(chunk as Buffer)
    return hash.digest('hex')
  }

  /** The most memory the server ever had, in MB. */
  async function peak(): Promise<number> {
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
    return (Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) * 1024) / 1_000_000
  }

  async function roundTrip(
    title: string,
    path: { up: string; down: string },
    body: Iterable<Buffer>,
    size: number,
  ) {
    const began = performance.now()
    const reply = await call('PUT', path.up, body)
    assert.equal(reply.resume().statusCode, 201)
    const uploaded = performance.now()
    assert.equal(await download(path.down), hexOf('sha256', size).toString('hex'))
    const most = await peak()
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
    const times = `up ${seconds(uploaded - began)}, down ${seconds(performance.now() - uploaded)}`
    console.log(`${title}: ${times}, at most ${most.toFixed(0)} MB of memory`)
    assert.ok(most < limit, `the server took ${most} MB`)
  }

  it(`stays under ${limit} MB with a 200 MB npm tarball`, async () => {
    const size = 200_000_000
    const path = { up: `${project}/npm/large`, down: `${project}/npm/large/-/large-1.0.0.tgz` }
    await roundTrip('npm, 200 MB', path, npmBody('large', size), size)
  })

  it(`stays under ${limit} MB with a 2 GB generic file`, async () => {
    const size = 2_000_000_000
    const path = `${project}/generic/large/1.0/file.bin`
    await roundTrip('generic, 2 GB', { up: path, down: path }, pieces(size), size)
  })
})
