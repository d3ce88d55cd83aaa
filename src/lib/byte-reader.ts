/** Reads a stream piece by piece: so many bytes, no more. What is read ahead is one chunk. */
export class ByteReader {
  /** Bytes taken so far. */
  position = 0
  #chunk: Buffer = Buffer.alloc(0)
  #at = 0
  readonly #chunks: AsyncIterator<Uint8Array>

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** Exactly `length` bytes; fewer only where the stream ends. Kept in memory: the caller bounds them. */
  async take(length: number): Promise<Buffer> {
    if (length <= this.#chunk.length - this.#at) return this.#next(length)
    const pieces: Buffer[] = []
    let missing = length
    while (missing > 0 && (await this.#fill())) {
      const piece = this.#next(missing)
      missing -= piece.length
      pieces.push(piece)
    }
    return Buffer.concat(pieces)
  }

  /** The next `length` bytes as they come; fewer only where the stream ends. */
  async *pieces(length: number): AsyncGenerator<Buffer> {
    for (let missing = length; missing > 0 && (await this.#fill());) {
      const piece = this.#next(missing)
      missing -= piece.length
      yield piece
    }
  }

  /** Passes over bytes; returns how many there were. */
  async skip(length: number): Promise<number> {
    let missing = length
    while (missing > 0 && (await this.#fill())) missing -= this.#next(missing).length
    return length - missing
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #next(most: number): Buffer {
    const piece = this.#chunk.subarray(this.#at, this.#at + most)
    this.#at += piece.length
    this.position += piece.length
    return piece
  }

  /** Makes sure that a byte is there; false at the end. */
  async #fill(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const next = await this.#chunks.next()
      if (next.done) return false
      this.#chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
      this.#at = 0
    }
    return true
  }
}
