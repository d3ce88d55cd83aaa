/** What an LZMA decoder has written last: matches are copied out of it. */

const unit = 64 * 1024

/** A ring of bytes. Memory that nothing was written to is none: the system gives it when it is first touched. */
export class LzmaWindow {
  /** Where the next byte goes. The ring's length is a multiple of 16, so that the lowest bits count on when it starts anew. */
  position = 0
  /** How far back a match may reach. */
  reach = 0
  #ring: Buffer = Buffer.alloc(0)
  #dictionary = 0

  /** Forgets everything. `dictionary` is in bytes. */
  reset(dictionary: number): void {
    const length = Math.max(1, Math.ceil(dictionary / unit)) * unit
    if (length > this.#ring.length) this.#ring = Buffer.alloc(length)
    this.#dictionary = dictionary
    this.forget()
  }

  /** Forgets what was written; the dictionary's size stays. */
  forget(): void {
    this.position = 0
    this.reach = 0
  }

  /** Makes room; returns how many bytes may be written before `room` is called again, at least one. */
  room(): number {
    if (this.position === this.#ring.length) this.position = 0
    return this.#ring.length - this.position
  }

  /** Copies what was written since `start`, a position that `room` has seen. */
  since(start: number): Buffer {
    return Buffer.from(this.#ring.subarray(start, this.position))
  }

  /** The byte written `distance` + 1 bytes ago; 0 before the first. */
  at(distance: number): number {
    if (distance >= this.reach) return 0
    const from = this.position - distance - 1
    return this.#ring[from < 0 ? from + this.#ring.length : from]!
  }

  put(byte: number): void {
    this.#ring[this.position++] = byte
    if (this.reach < this.#dictionary) this.reach++
  }

  /** Repeats what was written `distance` + 1 bytes ago, which must be within reach. */
  repeat(distance: number, length: number): void {
    const ring = this.#ring
    const end = this.position + length
    let from = this.position - distance - 1
    if (from < 0) from += ring.length
    for (let to = this.position; to < end; to++) {
      ring[to] = ring[from]!
      if (++from === ring.length) from = 0
    }
    this.position = end
    this.reach = Math.min(this.reach + length, this.#dictionary)
  }

  /** Takes bytes as they are; there must be room. */
  write(bytes: Uint8Array): void {
    this.#ring.set(bytes, this.position)
    this.position += bytes.length
    this.reach = Math.min(this.reach + bytes.length, this.#dictionary)
  }
}
