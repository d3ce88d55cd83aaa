/** Writes xz files for tests, clean ones and others: bytes as they are, or chunks that the real tool packed. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

export interface WrittenXz {
  /** Each the LZMA2 chunks of one block (without its end), and what they hold. */
  readonly blocks: readonly WrittenBlock[]
  /** Default 1, CRC-32. */
  readonly check?: number
  /** What the index says is the number of blocks. */
  readonly count?: number
  /** What the end says of the check. */
  readonly endCheck?: number
  readonly backward?: number
  readonly behind?: Uint8Array
}
export interface WrittenBlock {
  readonly chunks: Uint8Array
  readonly content: Uint8Array
  /** What the header says the sizes are. Default: nothing. */
  readonly packed?: number
  readonly unpacked?: number
  /** The code of the dictionary's size; default 18, 2 MiB. */
  readonly dictionary?: number
  /** Instead of LZMA2 and its properties. */
  readonly filter?: readonly number[]
  readonly flags?: number
  /** Behind the filters. */
  readonly surplus?: readonly number[]
  /** What the index says the unpacked size is. */
  readonly indexed?: number
  /** What stands behind the chunks. Default: the byte that ends them. */
  readonly end?: readonly number[]
  readonly padding?: number
}

/** A block of bytes as they are. */
export function plainBlock(content: Uint8Array): WrittenBlock {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < content.length; at += 65_536) {
    const bytes = content.subarray(at, at + 65_536)
    chunks.push(Buffer.of(at === 0 ? 1 : 2, (bytes.length - 1) >> 8, (bytes.length - 1) & 0xff), bytes)
  }
  return { chunks: Buffer.concat(chunks), content }
}

/** The bytes of a file. */
export function writeXz({ blocks, check = 1, count, endCheck, backward, behind }: WrittenXz): Buffer {
  const written = blocks.map((block) => writeBlock(block, check))
  const records = written.flatMap(({ unpadded, unpacked }) => [...number(unpadded), ...number(unpacked)])
  const index = summed([0, ...number(count ?? blocks.length), ...records])
  const size = Buffer.alloc(6)
  size.writeUInt32LE(backward ?? index.length / 4 - 1)
  size[5] = endCheck ?? check
  const head = [Buffer.from('fd377a585a00', 'hex'), Buffer.of(0, check), sum(Buffer.of(0, check))]
  const end = [sum(size), size, Buffer.from('YZ'), behind ?? Buffer.alloc(0)]
  return Buffer.concat([...head, ...written.map(({ bytes }) => bytes), index, ...end])
}

function writeBlock(block: WrittenBlock, check: number) {
  const { dictionary = 18, packed, unpacked, filter = [0x21, 1, dictionary], flags = 0 } = block
  const sizes = [
    ...(packed === undefined ? [] : number(packed)),
    ...(unpacked === undefined ? [] : number(unpacked)),
  ]
  const allFlags = flags | (packed === undefined ? 0 : 0x40) | (unpacked === undefined ? 0 : 0x80)
  const fields = [0, allFlags, ...sizes, ...filter, ...(block.surplus ?? [])]
  fields[0] = Math.ceil(fields.length / 4)
  const header = summed(fields)
  const data = Buffer.concat([block.chunks, Buffer.from(block.end ?? [0])])
  const padding = Buffer.alloc((4 - (data.length % 4)) % 4, block.padding ?? 0)
  const digest = digestOf(block.content, check)
  const unpadded = header.length + data.length + digest.length
  const bytes = Buffer.concat([header, data, padding, digest])
  return { bytes, unpadded, unpacked: block.indexed ?? block.content.length }
}

function digestOf(content: Uint8Array, check: number): Buffer {
  if (check === 10) return createHash('sha256').update(content).digest()
  return check === 0 ? Buffer.alloc(0) : sum(content)
}

/** Filled up with zeros, and the checksum. */
function summed(bytes: readonly number[]): Buffer {
  const filled = Buffer.from([...bytes, ...Array<number>((4 - (bytes.length % 4)) % 4).fill(0)])
  return Buffer.concat([filled, sum(filled)])
}

function sum(bytes: Uint8Array): Buffer {
  const written = Buffer.alloc(4)
  written.writeUInt32LE(crc32(bytes))
  return written
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 0x80, ...number(Math.floor(value / 128))]
}
