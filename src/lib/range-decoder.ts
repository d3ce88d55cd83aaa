/** The range decoder of LZMA: bits out of bytes, by probabilities that learn. */

const half = 1024
/** How many bytes one symbol of LZMA takes at the very most. */
const slack = 64

export class RangeDecoder {
  /** Of 2048, that the next bit is 0. */
  readonly probabilities: Uint16Array
  readonly #bytes: Uint8Array
  #at = 0
  #end = 0
  #range = 0
  #code = 0

  /** For so many probabilities, and inputs of at most `longest` bytes. */
  constructor(probabilities: number, longest: number) {
    this.probabilities = new Uint16Array(probabilities)
    this.#bytes = new Uint8Array(longest + slack)
    this.forget()
  }

  forget(): void {
    this.probabilities.fill(half)
  }

  /** Takes the whole input of a chunk; false where it does not begin as one. */
  start(bytes: Uint8Array): boolean {
    this.#bytes.set(bytes)
    this.#bytes.fill(0, bytes.length, bytes.length + slack)
    this.#end = bytes.length
    this.#at = 5
    this.#range = -1
    this.#code = (bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!
    return bytes.length >= 5 && bytes[0] === 0
  }

  /** Whether a chunk ends here, with all of its input taken. */
  isFinished(): boolean {
    this.#normalize()
    return this.#code === 0 && this.#at === this.#end
  }

  /** To be asked after each symbol: beyond the end, zeros are read for one symbol. */
  hasMore(): boolean {
    return this.#at <= this.#end
  }

  bit(index: number): number {
    const probabilities = this.probabilities
    let range = this.#range
    let code = this.#code
    if (range >>> 24 === 0) {
      range <<= 8
      code = (code << 8) | this.#bytes[this.#at++]!
    }
    const probability = probabilities[index]!
    const bound = Math.imul(range >>> 11, probability)
    if (code >>> 0 < bound >>> 0) {
      this.#range = bound
      this.#code = code
      probabilities[index] = probability + ((2048 - probability) >> 5)
      return 0
    }
    this.#range = (range - bound) | 0
    this.#code = (code - bound) | 0
    probabilities[index] = probability - (probability >> 5)
    return 1
  }

  /** A number of so many bits, the highest first, from a tree of probabilities at `base`. */
  tree(base: number, bits: number): number {
    return this.grow(base, 1, 1 << bits) - (1 << bits)
  }

  /** Goes on from a node of such a tree to the first one from `end` on: `bit` again and again, without leaving the loop. */
  grow(base: number, node: number, end: number): number {
    const probabilities = this.probabilities
    const bytes = this.#bytes
    let range = this.#range
    let code = this.#code
    let at = this.#at
    let symbol = node
    while (symbol < end) {
      if (range >>> 24 === 0) {
        range <<= 8
        code = (code << 8) | bytes[at++]!
      }
      const probability = probabilities[base + symbol]!
      const bound = Math.imul(range >>> 11, probability)
      if (code >>> 0 < bound >>> 0) {
        range = bound
        probabilities[base + symbol] = probability + ((2048 - probability) >> 5)
        symbol <<= 1
      } else {
        range = (range - bound) | 0
        code = (code - bound) | 0
        probabilities[base + symbol] = probability - (probability >> 5)
        symbol = (symbol << 1) | 1
      }
    }
    this.#range = range
    this.#code = code
    this.#at = at
    return symbol
  }

  /** The same number, the lowest bit first. */
  reverseTree(base: number, bits: number): number {
    let symbol = 1
    let value = 0
    for (let count = 0; count < bits; count++) {
      const bit = this.bit(base + symbol)
      symbol = (symbol << 1) | bit
      value |= bit << count
    }
    return value
  }

  /** Bits that are 0 as often as 1, the highest first. */
  direct(bits: number): number {
    let value = 0
    for (let count = 0; count < bits; count++) {
      this.#normalize()
      this.#range >>>= 1
      const bit = this.#code >>> 0 >= this.#range ? 1 : 0
      if (bit === 1) this.#code = (this.#code - this.#range) | 0
      value = ((value << 1) | bit) >>> 0
    }
    return value
  }

  #normalize(): void {
    if (this.#range >>> 24 !== 0) return
    this.#range <<= 8
    this.#code = (this.#code << 8) | this.#bytes[this.#at++]!
  }
}
