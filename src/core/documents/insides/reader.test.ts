import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { zstdDecompressSync } from 'node:zlib'
import { StoredBytesMissing } from '../../../storage/blob-store.ts'
import { createInsidesReader } from './reader.ts'
import { itemsOf } from './text.ts'

const reader = createInsidesReader(new URL('formats.testing.ts', import.meta.url).href)
after(() => reader.end())

const what = { format: 'sample', rule: 'all' }
const never = new AbortController().signal
const read = (text: string, signal = never) => reader.read(what, Readable.from([Buffer.from(text)]), signal)

test('items are kept once each, in order, below what the file is called', async () => {
  const { text, size, problem } = await read('lines: b a c a')
  const kept = zstdDecompressSync(text).toString()
  assert.deepEqual([kept, size, problem], ['a file\na\nb\nc\n', 13, null])
  assert.deepEqual(
    [...itemsOf(kept)],
    ['a', 'b', 'c'].map((item) => ({ item, label: 'a file' })),
  )
})

test('why a file cannot be read is kept; what may go another time fails', async () => {
  assert.equal((await read('invalid: ')).problem, 'it is no such file')
  await assert.rejects(read('broken: '), /came out damaged/)
  await assert.rejects(read('twoLines: '), /line break/)
  assert.equal((await read('lines: a')).problem, null)
})

test('what takes all memory of the thread is not read, and harms nobody else', async () => {
  assert.match((await read('large: ')).problem!, /too much memory/)
  assert.equal((await read('lines: a')).problem, null)
})

test('bytes that do not come fail as the store said', async () => {
  async function* pieces() {
    yield Buffer.from('lines: a')
    await sleep(20)
    throw new StoredBytesMissing('local/x')
  }
  const body = Readable.from(pieces(), { objectMode: false })
  await assert.rejects(reader.read(what, body, never), StoredBytesMissing)
  assert.ok(body.destroyed)
  assert.equal((await read('lines: a')).problem, null)
})

test('whoever stops waits for no file', async () => {
  const stopping = new AbortController()
  const reading = read('forever: ', stopping.signal)
  await sleep(50)
  stopping.abort()
  await assert.rejects(reading, { name: 'AbortError' })
  await assert.rejects(read('lines: a', stopping.signal), { name: 'AbortError' })
  assert.equal((await read('lines: a')).problem, null)
})

test('large bodies come as fast as they are read', async () => {
  let made = 0
  async function* pieces() {
    yield Buffer.from('lines: ')
    for (; made < 2000; made++) yield Buffer.alloc(64 * 1024, 'x')
  }
  const { size } = await reader.read(what, Readable.from(pieces(), { objectMode: false }), never)
  assert.equal(size, 'a file\n\n'.length + 2000 * 64 * 1024)
})
