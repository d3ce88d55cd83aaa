/** What lies in a ZIP archive, held against its directory (see `zip-directory.ts`): every byte belongs to one entry. */
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { ByteReader } from './byte-reader.ts'
import { Patience } from './patience.ts'
import { tooLarge, type Problem } from './problem.ts'
import { broken, deflated, hasDescriptor, readSizes } from './zip-directory.ts'
import type { SeekableFile, ZipEntry } from './zip-directory.ts'

/** Gives what takes the unpacked content of an entry; undefined: its content is passed over unread. */
export type ContentTaker = (entry: ZipEntry) => ((piece: Uint8Array) => void) | undefined

const localSize = 30
/** From here on passing over bytes is slower than asking for those behind them. */
const farAway = 1024 * 1024
/** Unpacked at once, in bytes: packed and unpacked. */
const small = { packed: 64 * 1024, unpacked: 512 * 1024 }

/**
 * Goes through all entries: local headers must say what the directory says, and no byte may lie outside of them. What is
 * taken is unpacked and compared with its size and checksum. Throws 400.
 */
export async function checkZip(
  file: SeekableFile,
  entries: readonly ZipEntry[],
  take: ContentTaker,
): Promise<void> {
  const source = new EntrySource(file)
  const patience = new Patience()
  try {
    for (const entry of entries) {
      await patience.letOthersGo()
      if (source.position !== entry.offset)
        throw broken('there are bytes between its entries, or entries overlap')
      await readOne(source, entry, take(entry))
    }
    const end = entries.at(-1)?.next ?? 0
    if (source.position !== end) throw broken('there are bytes between its entries and its directory')
  } finally {
    await source.close()
  }
}

/** The unpacked content of one entry. Throws 413 if that is more than `maxBytes`, 400 if it is not what the entry says. */
export async function readZipEntry(file: SeekableFile, entry: ZipEntry, maxBytes: number): Promise<Buffer> {
  if (entry.size > maxBytes) throw tooLarge(`${entry.name} in the archive is larger than ${maxBytes} bytes`)
  const source = new EntrySource(file, entry.offset)
  const pieces: Uint8Array[] = []
  try {
    await readOne(source, entry, (piece) => void pieces.push(piece))
  } finally {
    await source.close()
  }
  return Buffer.concat(pieces)
}

async function readOne(
  source: EntrySource,
  entry: ZipEntry,
  take: ((piece: Uint8Array) => void) | undefined,
): Promise<void> {
  await checkHeader(source, entry)
  const begin = source.position
  if (begin + entry.packedSize > entry.next) throw broken('entries overlap')
  if (take) await unpack(source, entry, take)
  else await source.skip(entry.packedSize)
  if (source.position !== begin + entry.packedSize) throw broken('it ends inside an entry')
  if ((entry.flags & hasDescriptor) !== 0) await checkDescriptor(source, entry)
}

async function checkHeader(source: EntrySource, entry: ZipEntry): Promise<void> {
  const header = await source.take(localSize)
  if (header.readUInt32LE(0) !== 0x04034b50) throw broken('an entry is not where its directory says')
  const [nameLength, extraLength] = [header.readUInt16LE(26), header.readUInt16LE(28)]
  const name = await source.take(nameLength)
  const extra = await source.take(extraLength)
  const agrees = header.readUInt16LE(6) === entry.flags && header.readUInt16LE(8) === entry.method
  if (!agrees || !name.equals(entry.rawName)) throw contradiction(entry)
  const [size, packedSize] = readSizes([header.readUInt32LE(22), header.readUInt32LE(18)], extra)
  const said = [header.readUInt32LE(14), packedSize, size]
  const isLater = (entry.flags & hasDescriptor) !== 0 && said.every((value) => value === 0)
  if (!isLater && (said[0] !== entry.crc32 || packedSize !== entry.packedSize || size !== entry.size))
    throw contradiction(entry)
}

/** The sizes behind the data, of 32 or 64 bits, with a signature or without. */
async function checkDescriptor(source: EntrySource, entry: ZipEntry): Promise<void> {
  const length = entry.next - source.position
  if (![12, 16, 20, 24].includes(length)) throw broken('there are bytes between its entries')
  const bytes = await source.take(length)
  const hasSignature = length === 16 || length === 24
  const isLong = length >= 20
  const at = hasSignature ? 4 : 0
  const number = (place: number) =>
    isLong ? Number(bytes.readBigUInt64LE(place)) : bytes.readUInt32LE(place)
  const agrees =
    (!hasSignature || bytes.readUInt32LE(0) === 0x08074b50) &&
    bytes.readUInt32LE(at) === entry.crc32 &&
    number(at + 4) === entry.packedSize &&
    number(at + (isLong ? 12 : 8)) === entry.size
  if (!agrees) throw contradiction(entry)
}

async function unpack(
  source: EntrySource,
  entry: ZipEntry,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  let size = 0
  let sum = 0
  const taken = (piece: Uint8Array) => {
    size += piece.length
    if (size > entry.size) throw contradiction(entry)
    sum = crc32(piece, sum)
    take(piece)
  }
  if (entry.method !== deflated) for await (const piece of source.pieces(entry.packedSize)) taken(piece)
  else if (entry.packedSize <= small.packed && entry.size <= small.unpacked)
    taken(inflateAtOnce(await source.take(entry.packedSize), entry))
  else await inflate(source.pieces(entry.packedSize), entry, taken)
  if (size !== entry.size || sum !== entry.crc32) throw contradiction(entry)
}

function inflateAtOnce(packed: Uint8Array, entry: ZipEntry): Uint8Array {
  try {
    const options = { maxOutputLength: Math.max(1, entry.size), info: true } as const
    const { buffer, engine } = inflateRawSync(packed, options) as unknown as Inflated
    if (engine.bytesWritten === packed.length) return buffer
  } catch {
    // told below
  }
  throw contradiction(entry)
}
interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

async function inflate(
  packed: AsyncIterable<Buffer>,
  entry: ZipEntry,
  taken: (piece: Uint8Array) => void,
): Promise<void> {
  const inflater = createInflateRaw({ chunkSize: 64 * 1024 })
  try {
    await pipeline(packed, inflater, async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) taken(piece)
    })
  } catch (error) {
    throw isZlibError(error) ? contradiction(entry) : error
  }
  if (inflater.bytesWritten !== entry.packedSize) throw contradiction(entry)
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

const contradiction = ({ name }: ZipEntry): Problem =>
  broken(`the entry ${JSON.stringify(name.slice(0, 100))} is not what the directory says of it`)

/** The file from some place on; what is far away is asked for anew. */
class EntrySource {
  position: number
  #reader: ByteReader | undefined
  readonly #file: SeekableFile

  constructor(file: SeekableFile, start = 0) {
    this.#file = file
    this.position = start
  }

  /** Exactly so many bytes. Throws 400 where the file ends before. */
  async take(length: number): Promise<Buffer> {
    const bytes = length === 0 ? Buffer.alloc(0) : await this.#open().take(length)
    this.position += bytes.length
    if (bytes.length < length) throw broken('it ends inside an entry')
    return bytes
  }

  async *pieces(length: number): AsyncGenerator<Buffer> {
    if (length === 0) return
    for await (const piece of this.#open().pieces(length)) {
      this.position += piece.length
      yield piece
    }
  }

  async skip(length: number): Promise<void> {
    if (length < farAway) {
      if (length > 0) this.position += await this.#open().skip(length)
      return
    }
    await this.close()
    this.position = Math.min(this.position + length, this.#file.size)
  }

  async close(): Promise<void> {
    await this.#reader?.close()
    this.#reader = undefined
  }

  #open(): ByteReader {
    if (this.position >= this.#file.size) throw broken('it ends inside an entry')
    this.#reader ??= new ByteReader(this.#file.open({ start: this.position }))
    return this.#reader
  }
}
