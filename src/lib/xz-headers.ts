/** The parts of an xz file (XZ file format 1.2) around its packed bytes. */
import { crc32 } from 'node:zlib'
import type { ByteReader } from './byte-reader.ts'
import { invalid, Problem } from './problem.ts'

export const brokenXz = (what: string) => invalid(`the archive is not valid xz: ${what}`)
const unsupported = (what: string) =>
  new Problem(400, 'invalid', `the archive cannot be unpacked here: ${what}`)

export interface BlockHeader {
  /** All in bytes. */
  readonly length: number
  readonly packed: number | undefined
  readonly unpacked: number | undefined
  readonly dictionary: number
}
/** What the index says of a block, in bytes: its header, packed bytes and check together, and unpacked. */
export interface IndexRecord {
  readonly unpadded: number
  readonly unpacked: number
}

const streamHeader = Buffer.from('fd377a585a00', 'hex')
const lzma2 = 0x21

/** Exactly so many bytes. */
export async function takeXz(reader: ByteReader, length: number): Promise<Buffer> {
  const bytes = await reader.take(length)
  if (bytes.length < length) throw brokenXz('it is cut off')
  return bytes
}

/** Reads a stream's header; returns its two bytes of flags. */
export async function readStreamHeader(reader: ByteReader): Promise<Buffer> {
  const bytes = await takeXz(reader, 12)
  if (!bytes.subarray(0, 6).equals(streamHeader)) throw brokenXz('it does not begin as one')
  checkSum(bytes.subarray(6, 8), bytes.readUInt32LE(8))
  if (bytes[6] !== 0 || bytes[7]! > 15) throw unsupported('it has flags of a later version of the format')
  return bytes.subarray(6, 8)
}

/** Reads the stream's footer, behind an index of so many bytes. */
export async function readStreamFooter(
  reader: ByteReader,
  flags: Buffer,
  indexLength: number,
): Promise<void> {
  const bytes = await takeXz(reader, 12)
  checkSum(bytes.subarray(4, 10), bytes.readUInt32LE(0))
  if ((bytes.readUInt32LE(4) + 1) * 4 !== indexLength)
    throw brokenXz('its end says another size of its index')
  if (!bytes.subarray(8, 10).equals(flags)) throw brokenXz('its end contradicts its beginning')
  if (bytes.toString('latin1', 10) !== 'YZ') throw brokenXz('it does not end as one')
}

/** Reads a block's header, whose first byte was `first`. */
export async function readBlockHeader(reader: ByteReader, first: number): Promise<BlockHeader> {
  const length = (first + 1) * 4
  const bytes = Buffer.concat([Buffer.of(first), await takeXz(reader, length - 1)])
  const end = length - 4
  checkSum(bytes.subarray(0, end), bytes.readUInt32LE(end))
  const numbers = new Numbers(bytes.subarray(0, end), 2)
  const flags = bytes[1]!
  if ((flags & 0x3c) !== 0) throw unsupported('it has flags of a later version of the format')
  const packed = (flags & 0x40) === 0 ? undefined : numbers.next()
  const unpacked = (flags & 0x80) === 0 ? undefined : numbers.next()
  if (packed === 0) throw brokenXz('a block has impossible sizes')
  if ((flags & 3) !== 0 || numbers.next() !== lzma2) throw unsupported('it has other filters than LZMA2')
  if (numbers.next() !== 1) throw brokenXz('a block has impossible properties')
  const dictionary = dictionarySize(numbers.byte())
  if (numbers.rest().some((byte) => byte !== 0))
    throw unsupported('it has headers of a later version of the format')
  return { length, packed, unpacked, dictionary }
}

/** 2^n or 2^n + 2^(n-1) bytes. */
function dictionarySize(byte: number): number {
  if (byte > 40) throw brokenXz('a block has impossible properties')
  return byte === 40 ? 2 ** 32 - 1 : (2 | (byte & 1)) * 2 ** ((byte >> 1) + 11)
}

/** Reads the index, whose first byte (0) was read, and compares it with the blocks; returns its length in bytes. */
export async function readIndex(reader: ByteReader, records: readonly IndexRecord[]): Promise<number> {
  const index = writeIndex(records)
  const bytes = await takeXz(reader, index.length - 1)
  if (!bytes.equals(index.subarray(1))) throw brokenXz('its index contradicts its blocks')
  return index.length
}

/** The one form that an index of these blocks has. */
function writeIndex(records: readonly IndexRecord[]): Buffer {
  const bytes = [0, ...encoded(records.length)]
  for (const { unpadded, unpacked } of records) bytes.push(...encoded(unpadded), ...encoded(unpacked))
  while (bytes.length % 4 !== 0) bytes.push(0)
  const index = Buffer.alloc(bytes.length + 4)
  index.set(bytes)
  index.writeUInt32LE(crc32(index.subarray(0, -4)), bytes.length)
  return index
}

/** Seven bits a byte, the lowest first. */
function encoded(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 0x80)
  }
}

/** Reads such numbers out of a header. */
class Numbers {
  readonly #bytes: Buffer
  #at: number
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  next(): number {
    let value = 0
    for (let scale = 1; scale <= 128 ** 8; scale *= 128) {
      const byte = this.byte()
      if (byte === 0 && scale > 1) break
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw brokenXz('it has an impossible number')
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw brokenXz('a header is too short')
    return byte
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at)
  }
}

function checkSum(bytes: Buffer, expected: number): void {
  if (crc32(bytes) !== expected) throw brokenXz('a header has a wrong checksum')
}
