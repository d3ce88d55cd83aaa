import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'node:test'
import fc from 'fast-check'
import { LzmaWindow } from './lzma-window.ts'
import { Problem } from './problem.ts'
import { chunkOfZeros, packedSamples, xzSample } from './xz-samples.testing.ts'
import { plainBlock, writeXz, type WrittenBlock, type WrittenXz } from './xz-writer.testing.ts'
import { unxz } from './xz.ts'

async function* cut(bytes: Uint8Array, size = 100): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Uint8Array, maxBytes = 1_000_000, maxDictionary = 2 ** 27): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of unxz(cut(bytes), { maxBytes, maxDictionary })) pieces.push(piece)
  return Buffer.concat(pieces)
}

const sample = xzSample()
const packed = Object.fromEntries(
  Object.entries(packedSamples).map(([title, text]) => [title, Buffer.from(text, 'base64')]),
)

for (const [title, bytes] of Object.entries(packed))
  test(`unpacks what xz made (${title})`, async () => assert.deepEqual(await read(bytes), sample))

test('unpacks blocks of bytes as they are, of any sizes, and none', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 5 }),
    fc.constantFrom(0, 1, 10),
    async (contents, check) => {
      const blocks = contents.map((content) => ({ ...plainBlock(content), unpacked: content.length }))
      assert.deepEqual(await read(writeXz({ blocks, check })), Buffer.concat(contents))
    },
  )
  await fc.assert(property, { numRuns: 200 })
  const large = Buffer.concat(Array.from({ length: 100 }, () => sample))
  assert.deepEqual(
    await read(writeXz({ blocks: [plainBlock(large), plainBlock(sample)] })),
    Buffer.concat([large, sample]),
  )
})

test('a dictionary smaller than the content goes round', async () => {
  const zeros = { chunks: chunkOfZeros, content: Buffer.alloc(2_096_914), dictionary: 0 }
  assert.deepEqual(await read(writeXz({ blocks: [zeros, zeros] }), 5_000_000), Buffer.alloc(4_193_828))
})

const content = Buffer.from('content')
const plain = plainBlock(content)
const chunks = (...bytes: readonly number[]) => ({ blocks: [{ ...plain, chunks: Buffer.from(bytes) }] })
const one = (odd: Partial<WrittenBlock>) => ({ blocks: [{ ...plain, ...odd }] })
const refusals: readonly (readonly [title: string, xz: WrittenXz, status?: number])[] = [
  ['another filter', one({ filter: [4, 0, 0x21, 1, 18], flags: 1 })],
  ['another filter alone', one({ filter: [3, 1, 0] })],
  ['properties of another length', one({ filter: [0x21, 2, 18, 0] })],
  ['a dictionary of an impossible size', one({ dictionary: 41 })],
  ['a dictionary that takes too much memory', one({ dictionary: 32 }), 413],
  ['flags of later versions', one({ flags: 4 })],
  ['headers of later versions', one({ surplus: [1] })],
  ['a packed size of none', one({ packed: 0 })],
  ['another packed size', one({ packed: 9 })],
  ['another unpacked size', one({ unpacked: 8 })],
  ['another unpacked size in the index', one({ indexed: 8 })],
  ['another number of blocks in the index', { blocks: [plain], count: 2 }],
  ['another check at the end', { blocks: [plain], endCheck: 0 }],
  ['another size of the index', { blocks: [plain], backward: 7 }],
  ['a check that is not known', { blocks: [plain], check: 2 }],
  ['a second stream', { blocks: [plain], behind: writeXz({ blocks: [plain] }) }],
  ['zeros behind the end', { blocks: [plain], behind: Buffer.alloc(4) }],
  ['padding that is not zero', one({ end: [0], padding: 1 })],
  ['no end of the chunks', one({ end: [] })],
  ['a chunk of an unknown kind', one({ end: [3, 0, 0, 0] })],
  ['bytes without a dictionary', chunks(2, 0, 0, 65)],
  ['a packed chunk without a dictionary', chunks(0xc0, 0, 0, 0, 5, 0x5d, 0, 0, 0, 0, 0)],
  ['a packed chunk without properties', chunks(1, 0, 0, 65, 0xa0, 0, 0, 0, 5, 0, 0, 0, 0, 0)],
  ['impossible properties', chunks(0xe0, 0, 0, 0, 5, 225, 0, 0, 0, 0, 0)],
  ['too much context for literals', chunks(0xe0, 0, 0, 0, 5, 3 + 2 * 9, 0, 0, 0, 0, 0)],
  ['a chunk that does not begin with a zero', chunks(0xe0, 0, 0, 0, 5, 0x5d, 1, 0, 0, 0, 0, 0)],
  ['a chunk that is too short to begin', chunks(0xe0, 0, 0, 0, 3, 0x5d, 0, 0, 0, 0)],
  ['a match before all bytes', chunks(0xe0, 0, 9, 0, 5, 0x5d, 0, 255, 255, 0, 0, 0)],
]

for (const [title, xz, status = 400] of refusals)
  test(`refuses ${title}`, () => assert.rejects(read(writeXz(xz)), { name: 'Problem', status }))

test('refuses every truncation, and every changed bit that matters', async () => {
  for (const bytes of [packed['crc64']!, packed['sha256']!]) {
    for (let length = 0; length < bytes.length; length++)
      await assert.rejects(read(bytes.subarray(0, length)), { status: 400 }, String(length))
    for (let bit = 0; bit < bytes.length * 8; bit += 11) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      // Where all bytes are the same, other properties give the same.
      const unpacked = await read(changed).catch((error) =>
        assert.ok(error instanceof Problem, String(error)),
      )
      assert.deepEqual(unpacked ?? sample, sample)
    }
  }
})

test('any changes are refused or read, soon', async () => {
  const bytes = packed['none']!
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
  const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
    const changed = Buffer.from(bytes)
    for (const [at, value] of changes) changed[at] = value
    const began = performance.now()
    await read(changed).catch((error) => assert.ok(error instanceof Problem, String(error)))
    assert.ok(performance.now() - began < 1000)
  })
  await fc.assert(property, { numRuns: 2000 })
})

const bomb = (dictionary: number) => {
  const many = Buffer.concat(Array.from({ length: 500 }, () => chunkOfZeros))
  return writeXz({ blocks: [{ chunks: many, content: Buffer.alloc(0), dictionary }], check: 0 })
}

test('a bomb ends at its limit, lets others go first, and takes the memory that it fills', async () => {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const before = process.memoryUsage().arrayBuffers
  delay.enable()
  let size = 0
  await assert.rejects(
    async () => {
      for await (const piece of unxz(cut(bomb(30)), { maxBytes: 50_000_000, maxDictionary: 2 ** 27 }))
        size += piece.length
    },
    { status: 413 },
  )
  delay.disable()
  assert.ok(size > 49_000_000)
  assert.ok(delay.percentile(90) < 50e6, `everything else waited for ${delay.percentile(90) / 1e6} ms`)
  assert.ok(process.memoryUsage().arrayBuffers - before < 100_000_000)
})

test('a large dictionary costs nothing before it is filled', async () => {
  const before = process.memoryUsage().arrayBuffers
  const bytes = writeXz({ blocks: [{ ...plain, dictionary: 30 }] })
  for await (const piece of unxz(cut(bytes), { maxBytes: 100, maxDictionary: 2 ** 27 })) {
    assert.deepEqual(piece, content)
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000)
  }
})

test('a dictionary is filled without being copied, which would hold everything up', () => {
  const [dictionary, piece] = [64 * 1024 * 1024, Buffer.alloc(64 * 1024)]
  const before = process.memoryUsage().arrayBuffers
  const window = new LzmaWindow()
  window.reset(dictionary)
  for (let written = 0; written < 2 * dictionary; written += piece.length) {
    assert.ok(window.room() >= piece.length)
    window.write(piece)
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < dictionary + 1_000_000)
})

test('reads any archive the same, however it is cut', async () => {
  const bytes = packed['sha256']!
  const property = fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 30 }), async (places) => {
    const ends = [...places, bytes.length].toSorted((a, b) => a - b)
    async function* pieces() {
      for (const [at, end] of ends.entries()) yield bytes.subarray(ends[at - 1] ?? 0, end)
    }
    const found = await Array.fromAsync(unxz(pieces(), { maxBytes: sample.length, maxDictionary: 2 ** 23 }))
    assert.deepEqual(Buffer.concat(found), sample)
  })
  await fc.assert(property, { numRuns: 200 })
})

test('refuses more blocks than are reasonable', async () => {
  const blocks = Array.from({ length: 10_001 }, () => plainBlock(Buffer.of(65)))
  await assert.rejects(read(writeXz({ blocks })), { status: 413 })
})

test('passes on what the source fails with, and lets go of it when nobody reads on', async () => {
  async function* failing() {
    yield packed['crc64']!.subarray(0, 100)
    throw new Error('the source failed')
  }
  const limits = { maxBytes: 10_000, maxDictionary: 2 ** 27 }
  await assert.rejects(async () => {
    for await (const _ of unxz(failing(), limits));
  }, /the source failed/)
  let isClosed = false
  async function* closing() {
    try {
      for (;;) yield packed['crc64']!
    } finally {
      isClosed = true
    }
  }
  for await (const _ of unxz(closing(), limits)) break
  assert.ok(isClosed)
})
