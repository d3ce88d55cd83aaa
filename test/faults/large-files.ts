/** Files far larger than the memory that a server may take for them. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { peakOf, type ServerProcess } from './process.ts'

const mebibyte = 1024 * 1024

/** Random bytes that are made once and sent again and again, each time with another first byte. */
const piece = randomBytes(3 * mebibyte)

/** `total` bytes, in pieces whose size is a multiple of three (but the last one's). */
export function* pieces(total: number): Generator<Buffer> {
  for (let sent = 0, turn = 0; sent < total; turn++) {
    const next = Buffer.from(piece.subarray(0, Math.min(piece.length, total - sent)))
    next[0] = turn % 256
    sent += next.length
    yield next
  }
}

/** The digest of those bytes. */
export function hashOf(algorithm: string, total: number): Buffer {
  const hash = createHash(algorithm)
  for (const next of pieces(total)) hash.update(next)
  return hash.digest()
}

export interface RoundTrip {
  readonly title: string
  readonly up: string
  readonly down: string
  readonly body: Iterable<Buffer>
  /** Of the file that comes back, in bytes. */
  readonly size: number
  /** The most memory that the server may ever have had, in MB. */
  readonly limit: number
}

/** Uploads and downloads a file; fails where other bytes come back, or the server took too much memory. */
export async function roundTrip(server: ServerProcess, trip: RoundTrip): Promise<void> {
  const began = performance.now()
  const reply = await call(server, 'PUT', trip.up, trip.body)
  assert.equal(reply.resume().statusCode, 201)
  const uploaded = performance.now()
  assert.equal(await download(server, trip.down), hashOf('sha256', trip.size).toString('hex'))
  const most = await peakOf(server.pid)
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const times = `up ${seconds(uploaded - began)}, down ${seconds(performance.now() - uploaded)}`
  console.log(`${trip.title}: ${times}, at most ${most.toFixed(0)} MB of memory`)
  assert.ok(most < trip.limit, `the server took ${most} MB`)
}

// Plain node:http: fetch would take longer over these bytes than the server.
async function call(
  { url, token }: ServerProcess,
  method: string,
  path: string,
  body: Iterable<Buffer> = [],
): Promise<IncomingMessage> {
  const sending = request(url + path, { method, headers: { 'private-token': token } })
  const answered = once(sending, 'response')
  await pipeline(Readable.from(body), sending)
  return (await answered)[0] as IncomingMessage
}

async function download(server: ServerProcess, path: string): Promise<string> {
  const reply = await call(server, 'GET', path)
  assert.equal(reply.statusCode, 200)
  const hash = createHash('sha256')
  for await (const chunk of reply) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
