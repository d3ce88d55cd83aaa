/** Archives packed by zstd (RFC 8878), unpacked as they come. */
import { constants, createZstdDecompress } from 'node:zlib'
import { invalid } from './problem.ts'
import { throughZlib } from './zlib-stream.ts'

/** All in bytes. */
export interface ZstdLimits {
  readonly maxBytes: number
  /** Largest window, and so about the memory that is used; rounded down to a power of two. */
  readonly maxDictionary: number
}

/**
 * The bytes that a file of one zstd frame holds, as `dpkg-deb` writes it. Throws 400 where it is none, is cut off, was
 * changed or goes on behind its end, 413 beyond a limit.
 */
export function unzstd(
  source: AsyncIterable<Uint8Array>,
  { maxBytes, maxDictionary }: ZstdLimits,
): AsyncGenerator<Buffer, void, undefined> {
  const params = { [constants.ZSTD_d_windowLogMax]: Math.floor(Math.log2(maxDictionary)) }
  const create = () => createZstdDecompress({ chunkSize: 64 * 1024, params })
  return throughZlib(oneFrame(source), maxBytes, { title: 'zstd', create })
}

/** Passes a frame on; throws 400 for what stands behind it, which Node's decoder reads or leaves over by chance. */
async function* oneFrame(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frame = new FrameEnd()
  for await (const chunk of source) {
    frame.pass(chunk)
    yield chunk
  }
}

const magic = 0xfd2fb528
const broken = (what: string) => invalid(`the archive is not valid zstd: ${what}`)

/** Finds out where a frame ends, block by block. */
class FrameEnd {
  #part: 'start' | 'block' | 'end' = 'start'
  /** Of the header that is being read. */
  #bytes: number[] = []
  #wanted = 5
  /** Bytes that are of no interest before the next header. */
  #skip = 0
  #checksum = 0

  pass(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const skipped = Math.min(this.#skip, chunk.length - at)
      this.#skip -= skipped
      at += skipped
      if (at === chunk.length) return
      if (this.#part === 'end') throw broken('there are bytes behind its end')
      this.#bytes.push(chunk[at++]!)
      if (this.#bytes.length < this.#wanted) continue
      if (this.#part === 'start') this.#readFrameHeader()
      else this.#readBlockHeader()
      this.#bytes = []
      this.#wanted = 3
    }
  }

  #readFrameHeader(): void {
    const bytes = Buffer.from(this.#bytes)
    if (bytes.readUInt32LE(0) !== magic) throw broken('it does not begin as one')
    const descriptor = bytes[4]!
    const isSingle = (descriptor & 0x20) !== 0
    const sizeFlag = descriptor >> 6
    const size = sizeFlag === 0 ? Number(isSingle) : 1 << sizeFlag
    this.#skip = Number(!isSingle) + [0, 1, 2, 4][descriptor & 3]! + size
    this.#checksum = (descriptor & 4) === 0 ? 0 : 4
    this.#part = 'block'
  }

  #readBlockHeader(): void {
    const [low, middle, high] = this.#bytes as [number, number, number]
    const header = low | (middle << 8) | (high << 16)
    const isRepeated = ((header >> 1) & 3) === 1
    const isLast = (header & 1) === 1
    this.#skip = (isRepeated ? 1 : header >> 3) + (isLast ? this.#checksum : 0)
    if (isLast) this.#part = 'end'
  }
}
