/** The symbols of LZMA (the format that 7-Zip's LZMA specification describes): literals, matches and repeated matches. */
import type { LzmaWindow } from './lzma-window.ts'
import { RangeDecoder } from './range-decoder.ts'

const states = 12
const positionStates = 16
const firstMatchState = 7
const shortestMatch = 2
/** Slots of distances, from which on bits stand in the stream itself, and how many of the lowest ones are modelled. */
const firstDirectSlot = 14
const alignBits = 4

/** Where the probabilities of each decision begin. */
const isMatch = 0
const isRepeat = isMatch + states * positionStates
const isLaterRepeat = isRepeat + states
const isThirdRepeat = isLaterRepeat + states
const isFourthRepeat = isThirdRepeat + states
const isLongRepeat = isFourthRepeat + states
const distanceSlots = isLongRepeat + states * positionStates
const distanceBits = distanceSlots + 4 * 64
const distanceAlign = distanceBits + 128
const matchLengths = distanceAlign + 16
/** Of a coder of lengths: two choices, then trees for short, middle and long ones. */
const shortLengths = 2
const middleLengths = shortLengths + positionStates * 8
const longLengths = middleLengths + positionStates * 8
const repeatLengths = matchLengths + longLengths + 256
const literals = repeatLengths + longLengths + 256
const literalCoder = 0x300
/** Bits of the literal's context, from the byte before and from its place together. */
const mostLiteralBits = 4

/** Decodes one chunk after the other into a window. */
export class LzmaDecoder {
  readonly #window: LzmaWindow
  readonly #range: RangeDecoder
  #contextBits = 0
  #literalMask = 0
  #positionMask = 0
  #state = 0
  /** The distances of the last four matches, the newest first. */
  readonly #distances: [number, number, number, number] = [0, 0, 0, 0]
  /** Of a match that did not fit. */
  #pending = 0

  constructor(window: LzmaWindow, longestChunk: number) {
    this.#window = window
    this.#range = new RangeDecoder(literals + (literalCoder << mostLiteralBits), longestChunk)
  }

  /** Takes the byte of properties (lc, lp, pb); false where it is none that LZMA2 allows. */
  setProperties(byte: number): boolean {
    const [lc, lp, pb] = [byte % 9, Math.floor(byte / 9) % 5, Math.floor(byte / 45)]
    if (pb > 4 || lc + lp > mostLiteralBits) return false
    this.#contextBits = lc
    this.#literalMask = (1 << lp) - 1
    this.#positionMask = (1 << pb) - 1
    return true
  }

  /** Forgets what was learnt. */
  forget(): void {
    this.#range.forget()
    this.#state = 0
    this.#distances.fill(0)
  }

  /** Begins a chunk with its whole input; false where it is none. */
  start(bytes: Uint8Array): boolean {
    this.#pending = 0
    return this.#range.start(bytes)
  }

  /** Whether the chunk ends here. */
  isFinished(): boolean {
    return this.#pending === 0 && this.#range.isFinished()
  }

  /** Writes `length` bytes to the window, which must have room; false where the input does not say what they are. */
  decode(length: number): boolean {
    const window = this.#window
    const end = window.position + length
    while (window.position < end) {
      if (this.#pending === 0 && !this.#next(window.position & this.#positionMask)) return false
      if (this.#pending > 0) {
        const now = Math.min(this.#pending, end - window.position)
        window.repeat(this.#distances[0], now)
        this.#pending -= now
      }
      if (!this.#range.hasMore()) return false
    }
    return true
  }

  /** Decodes a literal, or leaves a match to be copied. */
  #next(place: number): boolean {
    const range = this.#range
    if (range.bit(isMatch + this.#state * positionStates + place) === 0) this.#literal()
    else if (range.bit(isRepeat + this.#state) === 0) {
      this.#distances.copyWithin(1, 0)
      this.#pending = this.#length(matchLengths, place)
      this.#distances[0] = this.#distance(this.#pending)
      this.#state = this.#state < firstMatchState ? 7 : 10
    } else this.#repeated(place)
    return this.#pending === 0 || this.#distances[0] < this.#window.reach
  }

  #literal(): void {
    const window = this.#window
    const high = window.at(0) >> (8 - this.#contextBits)
    const context = ((window.position & this.#literalMask) << this.#contextBits) + high
    const base = literals + literalCoder * context
    let symbol = 1
    if (this.#state >= firstMatchState) {
      // As long as the bits are those of the byte that the last match would have given, it is part of the context.
      let matched = window.at(this.#distances[0])
      while (symbol < 0x100) {
        const expected = (matched >> 7) & 1
        matched <<= 1
        const bit = this.#range.bit(base + ((1 + expected) << 8) + symbol)
        symbol = (symbol << 1) | bit
        if (bit !== expected) break
      }
    }
    window.put(this.#range.grow(base, symbol, 0x100) & 0xff)
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6
  }

  #repeated(place: number): void {
    const range = this.#range
    const distances = this.#distances
    const isFirst = range.bit(isLaterRepeat + this.#state) === 0
    if (isFirst && range.bit(isLongRepeat + this.#state * positionStates + place) === 0) {
      this.#state = this.#state < firstMatchState ? 9 : 11
      this.#pending = 1
      return
    }
    if (!isFirst) {
      let which = 1
      if (range.bit(isThirdRepeat + this.#state) === 1) which = 2 + range.bit(isFourthRepeat + this.#state)
      const distance = distances[which]!
      distances.copyWithin(1, 0, which)
      distances[0] = distance
    }
    this.#pending = this.#length(repeatLengths, place)
    this.#state = this.#state < firstMatchState ? 8 : 11
  }

  #length(base: number, place: number): number {
    const range = this.#range
    if (range.bit(base) === 0) return shortestMatch + range.tree(base + shortLengths + place * 8, 3)
    if (range.bit(base + 1) === 0) return shortestMatch + 8 + range.tree(base + middleLengths + place * 8, 3)
    return shortestMatch + 16 + range.tree(base + longLengths, 8)
  }

  #distance(length: number): number {
    const range = this.#range
    const slot = range.tree(distanceSlots + Math.min(length - shortestMatch, 3) * 64, 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const high = ((2 | (slot & 1)) << bits) >>> 0
    if (slot < firstDirectSlot) return high + range.reverseTree(distanceBits + high - slot, bits)
    const direct = range.direct(bits - alignBits) * (1 << alignBits)
    return high + direct + range.reverseTree(distanceAlign, alignBits)
  }
}
