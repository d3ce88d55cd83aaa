import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readGunzipped } from './gunzip-body.ts'

const body = (bytes: Uint8Array) => Readable.from([bytes])
const status = (wanted: number) => (error: { status?: number }) => error.status === wanted

test('reads plain and gzipped bodies', async () => {
  assert.equal((await readGunzipped(body(Buffer.from('plain')), undefined, 10)).toString(), 'plain')
  assert.equal((await readGunzipped(body(gzipSync('packed')), 'gzip', 10)).toString(), 'packed')
})

test('limits the bytes after decompression, and refuses what is not gzip', async () => {
  await assert.rejects(readGunzipped(body(gzipSync(Buffer.alloc(1e6))), 'gzip', 1000), status(413))
  await assert.rejects(readGunzipped(body(Buffer.from('no gzip')), 'gzip', 1000), status(400))
  await assert.rejects(readGunzipped(body(gzipSync('cut').subarray(0, 12)), 'gzip', 1000), status(400))
  await assert.rejects(readGunzipped(body(Buffer.from('x')), 'br', 1000), status(415))
})
