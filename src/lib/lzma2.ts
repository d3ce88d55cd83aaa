/** LZMA2 (the one filter that xz files need): chunks of LZMA, or of bytes as they are. */
import type { ByteReader } from './byte-reader.ts'
import { LzmaDecoder } from './lzma.ts'
import { LzmaWindow } from './lzma-window.ts'

const longestChunk = 64 * 1024
/** The most that is unpacked at once, in bytes. */
export const slice = 16 * 1024

/** Thrown for bytes that are no LZMA2. */
export class Lzma2Error extends Error {}

/** Unpacks one LZMA2 stream after the other, in the same memory. */
export class Lzma2Decoder {
  readonly #window = new LzmaWindow()
  readonly #lzma = new LzmaDecoder(this.#window, longestChunk)
  #knowsDictionary = false
  #knowsProperties = false

  /**
   * The bytes of the stream that begins here, up to and with its end marker, in pieces of at most `slice`. `dictionary`
   * is in bytes: about as much memory is used, or what is unpacked if that is less.
   */
  async *unpack(reader: ByteReader, dictionary: number): AsyncGenerator<Buffer, void, undefined> {
    this.#window.reset(dictionary)
    this.#knowsDictionary = this.#knowsProperties = false
    for (;;) {
      const control = (await taken(reader, 1))[0]!
      if (control === 0) return
      if (control >= 0x80) yield* this.#packed(reader, control)
      else if (control <= 2) yield* this.#plain(reader, control === 1)
      else throw new Lzma2Error('it has a chunk of an unknown kind')
    }
  }

  async *#plain(reader: ByteReader, isReset: boolean): AsyncGenerator<Buffer, void, undefined> {
    if (isReset) this.#resetDictionary()
    else if (!this.#knowsDictionary) throw new Lzma2Error('its dictionary is not set')
    let missing = (await taken(reader, 2)).readUInt16BE(0) + 1
    while (missing > 0) {
      const bytes = await taken(reader, Math.min(missing, slice, this.#window.room()))
      this.#window.write(bytes)
      missing -= bytes.length
      yield bytes
    }
  }

  async *#packed(reader: ByteReader, control: number): AsyncGenerator<Buffer, void, undefined> {
    const header = await taken(reader, control >= 0xc0 ? 5 : 4)
    if (control >= 0xe0) this.#resetDictionary()
    else if (!this.#knowsDictionary) throw new Lzma2Error('its dictionary is not set')
    if (control >= 0xc0) {
      if (!this.#lzma.setProperties(header[4]!)) throw new Lzma2Error('it has impossible properties')
      this.#knowsProperties = true
    } else if (!this.#knowsProperties) throw new Lzma2Error('its properties are not set')
    if (control >= 0xa0) this.#lzma.forget()
    const input = await taken(reader, header.readUInt16BE(2) + 1)
    if (!this.#lzma.start(input)) throw new Lzma2Error('a chunk is broken')
    let missing = ((control & 0x1f) << 16) + header.readUInt16BE(0) + 1
    while (missing > 0) {
      const length = Math.min(missing, slice, this.#window.room())
      const start = this.#window.position
      if (!this.#lzma.decode(length)) throw new Lzma2Error('a chunk is broken')
      missing -= length
      yield this.#window.since(start)
    }
    if (!this.#lzma.isFinished()) throw new Lzma2Error('a chunk does not end where it should')
  }

  #resetDictionary(): void {
    this.#window.forget()
    this.#knowsDictionary = true
    this.#knowsProperties = false
  }
}

async function taken(reader: ByteReader, length: number): Promise<Buffer> {
  const bytes = await reader.take(length)
  if (bytes.length < length) throw new Lzma2Error('it is cut off')
  return bytes
}
