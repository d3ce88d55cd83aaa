import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { gunzipped } from './gunzip-stream.ts'

async function* cut(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Uint8Array, maxBytes = 1_000_000, size?: number): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of gunzipped(cut(bytes, size), maxBytes)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const text = 'Entrepot '.repeat(20_000)

test('unpacks what is whole', async () => assert.equal(await read(gzipSync(text)), text))

test('refuses what is cut off, is none, or was changed', async () => {
  const whole = gzipSync(text)
  for (let length = 0; length < whole.length; length += 7)
    await assert.rejects(read(whole.subarray(0, length)), { status: 400 })
  await assert.rejects(read(Buffer.from('no gzip')), { status: 400 })
  const changed = Buffer.from(whole)
  changed[changed.length - 6]! ^= 1
  await assert.rejects(read(changed), { status: 400 })
})

test('reads all members, and refuses what stands behind the last one, where some tools read on', async () => {
  const member = gzipSync('a')
  for (const size of [1, member.length, 1000]) {
    assert.equal(await read(Buffer.concat([member, member]), 10, size), 'aa')
    for (const behind of [Buffer.alloc(1), Buffer.alloc(512), Buffer.concat([Buffer.alloc(3), member]), 'x'])
      await assert.rejects(read(Buffer.concat([member, Buffer.from(behind)]), 10, size), { status: 400 })
  }
})

test('stops a bomb at its limit', async () => {
  const bomb = gzipSync(Buffer.alloc(200_000_000))
  const began = performance.now()
  await assert.rejects(read(bomb), { status: 413 })
  assert.ok(performance.now() - began < 5000)
})

test('passes on what the source fails with, and lets go of it when nobody reads on', async () => {
  async function* failing() {
    yield gzipSync(text).subarray(0, 100)
    throw new Error('the source failed')
  }
  await assert.rejects(async () => {
    for await (const _ of gunzipped(failing(), 1000));
  }, /the source failed/)
  let isClosed = false
  async function* closing() {
    try {
      for (;;) yield gzipSync(text)
    } finally {
      isClosed = true
    }
  }
  for await (const _ of gunzipped(closing(), 1_000_000)) break
  assert.ok(isClosed)
})
