/** Reads JSON from a stream whose one big string (an attachment) must not be held in memory. */
import { invalid, tooLarge } from './problem.ts'

const quote = 0x22
const backslash = 0x5c

export interface JsonStreamOptions {
  /** Where the strings to take stand, key by key from the root; `null` stands for any key. */
  readonly at: readonly (string | null)[]
  /**
   * Called with the keys and the content of each such string; in the document returned it is `""`. The content must
   * be ASCII (base64): its control characters are not checked, and whatever else it is not is refused.
   */
  take(keys: readonly string[], text: AsyncIterable<Uint8Array>): Promise<void>
  /** Bytes of everything but the strings taken. */
  readonly maxBytes: number
  /** Nesting of objects and arrays. */
  readonly maxDepth: number
}

/**
 * Parses one JSON document (RFC 8259, UTF-8) in any key order. What is not taken is bounded by `maxBytes` (413) and
 * `maxDepth` (400); a document that is not JSON is 400. The body is never destroyed: its owner answers for what is unread.
 */
export async function readJsonStream(
  body: AsyncIterable<Uint8Array>,
  options: JsonStreamOptions,
): Promise<unknown> {
  const source = new ByteSource(body)
  const scanner = new Scanner(options)
  while (await source.fill()) {
    const keys = scanner.scan(source)
    if (keys) await takeText(source, keys, options)
  }
  return scanner.finish()
}

async function takeText(
  source: ByteSource,
  keys: readonly string[],
  options: JsonStreamOptions,
): Promise<void> {
  const text = new TakenText(source)
  await options.take(keys, text)
  if (!text.ended) for await (const _ of text);
  // The scanner goes on behind the closing quote, which it has to see for the document to stay well-formed.
  source.position--
}

/** The bytes not read yet; one chunk at a time. */
class ByteSource {
  chunk: Buffer = Buffer.alloc(0)
  position = 0
  readonly #chunks: AsyncIterator<Uint8Array>

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]()
  }

  /** Makes sure that a byte is there; false at the end. */
  async fill(): Promise<boolean> {
    while (this.position >= this.chunk.length) {
      const next = await this.#chunks.next()
      if (next.done) return false
      this.chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
      this.position = 0
    }
    return true
  }
}

/** Follows the structure just closely enough to know the keys above each string; JSON.parse judges the whole. */
class Scanner {
  readonly #options: JsonStreamOptions
  readonly #kept: KeptBytes
  readonly #containers: number[] = []
  readonly #keys: (string | undefined)[] = []
  #expectsKey = false
  #inString = false
  #escaped = false
  #keyStart = -1

  constructor(options: JsonStreamOptions) {
    this.#options = options
    this.#kept = new KeptBytes(options.maxBytes)
  }

  /** Goes on to the end of the chunk, or to the first byte of a string to take, whose keys it returns. */
  scan(source: ByteSource): readonly string[] | undefined {
    const { chunk } = source
    let from = source.position
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (this.#inString) {
        if (!this.#endsString(byte)) continue
        if (this.#keyStart < 0) continue
        this.#kept.append(chunk.subarray(from, at + 1))
        from = at + 1
        this.#keys[this.#containers.length - 1] = this.#kept.text(this.#keyStart)
        this.#keyStart = -1
        continue
      }
      if (byte !== quote) {
        this.#structure(byte)
        continue
      }
      this.#inString = true
      if (this.#expectsKey) {
        if (this.#containers.length <= this.#options.at.length) this.#keyStart = this.#kept.size + (at - from)
        continue
      }
      if (!this.#matches()) continue
      this.#kept.append(chunk.subarray(from, at + 1))
      source.position = at + 1
      return this.#keys.slice(0, this.#options.at.length) as string[]
    }
    this.#kept.append(chunk.subarray(from))
    source.position = chunk.length
    return undefined
  }

  finish(): unknown {
    return this.#kept.parse()
  }

  #endsString(byte: number): boolean {
    if (this.#escaped) {
      this.#escaped = false
      return false
    }
    if (byte === backslash) this.#escaped = true
    if (byte !== quote) return false
    this.#inString = false
    return true
  }

  #structure(byte: number): void {
    if (byte === 0x7b || byte === 0x5b) {
      this.#containers.push(byte)
      this.#keys[this.#containers.length - 1] = undefined
      if (this.#containers.length > this.#options.maxDepth) {
        throw invalid(`the JSON is nested deeper than ${this.#options.maxDepth} levels`)
      }
      this.#expectsKey = byte === 0x7b
    } else if (byte === 0x7d || byte === 0x5d) {
      this.#containers.pop()
      this.#expectsKey = false
    } else if (byte === 0x2c) {
      this.#expectsKey = this.#containers.at(-1) === 0x7b
    } else if (byte === 0x3a) {
      this.#expectsKey = false
    }
  }

  #matches(): boolean {
    const { at } = this.#options
    if (this.#containers.length !== at.length) return false
    for (const [depth, wanted] of at.entries()) {
      const key = this.#keys[depth]
      if (key === undefined || (wanted !== null && key !== wanted)) return false
    }
    return true
  }
}

/** A growing buffer with a limit. */
class KeptBytes {
  size = 0
  #bytes = Buffer.alloc(16384)
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  append(bytes: Uint8Array): void {
    const needed = this.size + bytes.length
    if (needed > this.#limit)
      throw tooLarge(`the JSON (without attachments) is larger than ${this.#limit} bytes`)
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(needed, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, this.size)
      this.#bytes = grown
    }
    this.#bytes.set(bytes, this.size)
    this.size = needed
  }

  /** The string that starts at `start` and ends here, or undefined if it is none. */
  text(start: number): string | undefined {
    try {
      return JSON.parse(this.#bytes.toString('utf8', start, this.size)) as string
    } catch {
      return undefined
    }
  }

  parse(): unknown {
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes.subarray(0, this.size)))
    } catch {
      throw invalid('the request body is not valid JSON')
    }
  }
}

/** The content of the string that starts at the source's position; leaves the source behind its closing quote. */
class TakenText implements AsyncIterable<Uint8Array> {
  ended = false
  readonly #source: ByteSource
  /** An escape sequence that a chunk's end cut in two. */
  #cut = ''

  constructor(source: ByteSource) {
    this.#source = source
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (!this.ended) {
      if (!(await this.#source.fill())) throw invalid('the request body ends inside a JSON string')
      const piece = this.#next()
      if (piece.length > 0) yield piece
    }
  }

  #next(): Uint8Array {
    const source = this.#source
    const rest = source.chunk.subarray(source.position)
    const end =
      this.#cut === '' && !rest.includes(backslash) ? rest.indexOf(quote) : closingQuote(rest, this.#cut)
    const content = end < 0 ? rest : rest.subarray(0, end)
    source.position += end < 0 ? rest.length : end + 1
    this.ended = end >= 0
    if (this.#cut === '' && !content.includes(backslash)) return content
    return this.#unescape(this.#cut + content.toString('latin1'))
  }

  #unescape(raw: string): Uint8Array {
    const cut = this.ended ? undefined : /(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)$/.exec(raw)?.[1]
    this.#cut = cut ?? ''
    let text: unknown
    try {
      text = JSON.parse(`"${cut ? raw.slice(0, -cut.length) : raw}"`)
    } catch {
      throw invalid('a JSON string has a wrong escape sequence')
    }
    // eslint-disable-next-line no-control-regex
    if (/[^\x00-\x7f]/.test(text as string)) throw invalid('an attachment must be ASCII text')
    return Buffer.from(text as string, 'latin1')
  }
}

/** Index of the quote that ends the string, or -1; `before` is a cut escape sequence that `bytes` continue. */
function closingQuote(bytes: Uint8Array, before: string): number {
  let escaped = before === '\\'
  for (let at = 0; at < bytes.length; at++) {
    if (escaped) escaped = false
    else if (bytes[at] === backslash) escaped = true
    else if (bytes[at] === quote) return at
  }
  return -1
}
