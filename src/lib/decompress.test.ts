import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constants, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib'
import { decompressed } from './decompress.ts'
import { Problem } from './problem.ts'
import { packedSamples, xzSample } from './xz-samples.testing.ts'

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(name: string, bytes: Uint8Array, maxBytes = 100_000, size = 200): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of decompressed(name, cut(bytes, size), { maxBytes, maxDictionary: 2 ** 23 }))
    pieces.push(piece)
  return Buffer.concat(pieces)
}

const sample = xzSample()
const packed: Readonly<Record<string, Buffer>> = {
  'control.tar': sample,
  'control.tar.gz': gzipSync(sample),
  'control.tar.xz': Buffer.from(packedSamples['crc64']!, 'base64'),
  'control.tar.zst': zstdCompressSync(sample),
  'checked.zst': zstdCompressSync(sample, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
}

for (const [name, bytes] of Object.entries(packed)) {
  test(`unpacks ${name} up to its limit`, async () => {
    for (const size of [1, 7, 100_000]) assert.deepEqual(await read(name, bytes, sample.length, size), sample)
    await assert.rejects(read(name, bytes, sample.length - 1), { status: 413 })
  })
  if (name.endsWith('.tar')) continue
  test(`refuses every truncation of ${name}, and never fails otherwise`, async () => {
    for (let length = 0; length < bytes.length; length += 3)
      await assert.rejects(read(name, bytes.subarray(0, length)), { status: 400 }, String(length))
    for (let bit = 0; bit < bytes.length * 8; bit += 17) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      await read(name, changed).catch((error) => assert.ok(error instanceof Problem, String(error)))
    }
  })
}

test('refuses what stands behind the end, where tools might read it', async () => {
  for (const name of ['control.tar.gz', 'control.tar.xz', 'control.tar.zst', 'checked.zst'])
    for (const behind of [
      ...(name.endsWith('.gz') ? [] : [packed[name]!]),
      Buffer.from('behind'),
      Buffer.alloc(500),
    ])
      for (const size of [packed[name]!.length, 1, 100_000])
        await assert.rejects(read(name, Buffer.concat([packed[name]!, behind]), 100_000, size), {
          status: 400,
        })
})

test('unpacks blocks of one byte repeated, unknown sizes and large windows', async () => {
  const large = Buffer.concat([Buffer.alloc(400_000), ...Array.from({ length: 30 }, () => sample)])
  for (const level of [-5, 1, 19]) {
    const compressor = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level } })
    compressor.end(large)
    assert.deepEqual(await read('x.zst', Buffer.concat(await compressor.toArray()), 1_000_000), large)
  }
})

test('refuses other ways to pack, clearly', () => {
  for (const ending of ['.bz2', '.lzma', '.lz'])
    assert.throws(() => decompressed(`data.tar${ending}`, cut(sample, 1), { maxBytes: 1 }), {
      status: 400,
      message: `"data.tar${ending}" is packed as ${ending}; use .xz, .zst or .gz`,
    })
})

test('bounds the memory that zstd asks for', async () => {
  const params = { [constants.ZSTD_c_windowLog]: 24 }
  const bytes = zstdCompressSync(Buffer.alloc(30_000_000), { params })
  await assert.rejects(read('x.zst', bytes, 100_000_000), { status: 413 })
})

test('stops bombs', async () => {
  for (const [name, bytes] of [
    ['x.gz', gzipSync(Buffer.alloc(50_000_000))],
    ['x.zst', zstdCompressSync(Buffer.alloc(200_000_000), { params: { [constants.ZSTD_c_windowLog]: 20 } })],
  ] as const)
    await assert.rejects(read(name, bytes), { status: 413 })
})
