/** Archives packed by xz (XZ file format 1.2), unpacked as they come: LZMA2 alone, as `xz` and `dpkg-deb` write it. */
import { ByteReader } from './byte-reader.ts'
import { Lzma2Decoder, Lzma2Error, slice } from './lzma2.ts'
import { Patience } from './patience.ts'
import { tooLarge } from './problem.ts'
import { xzCheck, type XzCheck } from './xz-check.ts'
import { brokenXz, readBlockHeader, readIndex, readStreamFooter, readStreamHeader } from './xz-headers.ts'
import { takeXz, type BlockHeader, type IndexRecord } from './xz-headers.ts'

/** All in bytes. */
export interface XzLimits {
  readonly maxBytes: number
  /** Largest dictionary, and so about the memory that is used. */
  readonly maxDictionary: number
}

const maxBlocks = 10_000

/**
 * The bytes that an xz file of one stream holds. Throws 400 where it is none, is cut off, was changed or goes on behind its
 * end, and for filters and checks that `dpkg-deb` does not write; 413 beyond a limit.
 */
export async function* unxz(
  source: AsyncIterable<Uint8Array>,
  limits: XzLimits,
): AsyncGenerator<Buffer, void, undefined> {
  const reader = new ByteReader(source)
  try {
    const flags = await readStreamHeader(reader)
    const newCheck = xzCheck(flags[1]!)
    if (!newCheck) throw brokenXz(`its check ${flags[1]} is not known`)
    const records: IndexRecord[] = []
    yield* new Blocks(reader, newCheck, limits).unpack(records)
    await readStreamFooter(reader, flags, await readIndex(reader, records))
    if ((await reader.skip(1)) > 0) throw brokenXz('there are bytes behind its end')
  } catch (error) {
    throw error instanceof Lzma2Error ? brokenXz(error.message) : error
  } finally {
    await reader.close()
  }
}

class Blocks {
  readonly #reader: ByteReader
  readonly #newCheck: () => XzCheck
  readonly #limits: XzLimits
  readonly #lzma2 = new Lzma2Decoder()
  #size = 0
  readonly #patience = new Patience()

  constructor(reader: ByteReader, newCheck: () => XzCheck, limits: XzLimits) {
    this.#reader = reader
    this.#newCheck = newCheck
    this.#limits = limits
  }

  /** All blocks, up to the first byte of the index; `records` gets what the index has to say of them. */
  async *unpack(records: IndexRecord[]): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const first = (await takeXz(this.#reader, 1))[0]!
      if (first === 0) return
      if (records.length === maxBlocks) throw tooLarge(`the archive has more than ${maxBlocks} blocks`)
      const header = await readBlockHeader(this.#reader, first)
      if (header.dictionary > this.#limits.maxDictionary)
        throw tooLarge(`the archive takes more than ${this.#limits.maxDictionary} bytes of memory to unpack`)
      const check = this.#newCheck()
      const sizes = yield* this.#unpackOne(header, check)
      records.push({
        unpadded: header.length + sizes.packed + (await this.#compare(check)),
        unpacked: sizes.unpacked,
      })
      await this.#patience.letOthersGo()
    }
  }

  async *#unpackOne(header: BlockHeader, check: XzCheck): AsyncGenerator<Buffer, BlockSizes, undefined> {
    const begin = this.#reader.position
    const before = this.#size
    // Nothing is repeated from farther back than what may be unpacked at all, the piece that is too much included.
    const dictionary = Math.min(header.dictionary, this.#limits.maxBytes + slice)
    for await (const piece of this.#lzma2.unpack(this.#reader, dictionary)) {
      this.#size += piece.length
      if (this.#size > this.#limits.maxBytes)
        throw tooLarge(`the archive unpacks to more than ${this.#limits.maxBytes} bytes`)
      check.update(piece)
      yield piece
      await this.#patience.letOthersGo()
    }
    const sizes = { packed: this.#reader.position - begin, unpacked: this.#size - before }
    for (const key of ['packed', 'unpacked'] as const)
      if (header[key] !== undefined && header[key] !== sizes[key])
        throw brokenXz('a block has another size than its header says')
    const padding = await takeXz(this.#reader, (4 - (sizes.packed % 4)) % 4)
    if (padding.some((byte) => byte !== 0)) throw brokenXz('a block is not followed by zeros')
    return sizes
  }

  /** Returns the check's length. */
  async #compare(check: XzCheck): Promise<number> {
    const digest = check.digest()
    if (!(await takeXz(this.#reader, digest.length)).equals(digest)) throw brokenXz('it was changed')
    return digest.length
  }
}

interface BlockSizes {
  readonly packed: number
  readonly unpacked: number
}
