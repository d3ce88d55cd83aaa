/** A file on its way from an upstream: read by whoever asks for it while it comes, kept when it was right. */
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Digests } from '../../formats/format.ts'
import type { ByteRange } from '../../storage/blob-store.ts'
import type { Arrival } from '../bytes/stored-blob.ts'

/** So much of the end is withheld until the digest of the whole was found right, so that nobody takes it for complete. */
const heldBack = 64 * 1024
/** So much is kept in memory for those who read along; who reads more slowly goes on from storage when it is kept. */
const window = 2 * 1024 * 1024
/** What is not kept comes for those who read along: where nobody does for so long, it ends. In milliseconds. */
const unreadMs = 5_000

/** What is known when the head of the answer is there. */
export interface ArrivingHead {
  /** In bytes; undefined: the upstream did not say. */
  readonly size: number | undefined
  /** Those known so far. */
  readonly digests: Digests
}

/** What is known when all of it came. */
export interface WholeFile {
  /** In bytes. */
  readonly size: number
  readonly digests: Digests
}

/** The file as it is kept in the end. */
export interface Kept<T> {
  readonly row: T
  /** Opens it in storage. */
  open(range: ByteRange): Readable
}

export class Arriving<T = unknown> implements Arrival {
  readonly head: ArrivingHead
  /** Resolves when all came and is right, kept or not; rejects where it is not. */
  readonly whole: Promise<WholeFile>
  /** Resolves when it is kept; rejects where it is not what it should be, or could not be kept. */
  readonly kept: Promise<Kept<T>>
  readonly #chunks: Buffer[] = []
  /** Positions in the file of the first byte in memory and behind the last one. */
  #start = 0
  #end = 0
  #state: 'coming' | 'right' | 'failed' = 'coming'
  #error: unknown
  /** Why it will not be kept. */
  #lost: { readonly error: unknown } | undefined
  /** How far each reader has got. */
  readonly #readers = new Map<object, number>()
  #changed = Promise.withResolvers<void>()
  readonly #whole = Promise.withResolvers<WholeFile>()
  readonly #settled = Promise.withResolvers<Kept<T>>()

  /** The top-level group for which its digests were compared with those first seen. */
  readonly rootId: number

  constructor(head: ArrivingHead, rootId: number) {
    this.head = head
    this.rootId = rootId
    this.kept = this.#settled.promise
    this.kept.catch(() => {})
    this.whole = this.#whole.promise
    this.whole.catch(() => {})
  }

  /**
   * Takes more of it; resolves when there is room for the next piece. The fastest reader sets the pace; of what is not
   * kept the slowest one, as there is no storage to go on from.
   * @throws what it is not kept for, where nobody reads it either.
   */
  async push(chunk: Buffer): Promise<void> {
    this.#chunks.push(chunk)
    this.#end += chunk.length
    this.#notify()
    while (this.#end - this.#start > window && !this.#drop()) await this.#room()
  }

  /** It goes on coming for those who read along, and is kept by nobody: whoever is too late for them hears so at once. */
  unkept(error: unknown): void {
    this.#lost = { error }
    this.#settled.reject(error)
    this.#notify()
  }

  /** What came so far was not it. Only while nobody can read along, as its size is unknown. */
  startAnew(): void {
    this.#chunks.length = 0
    this.#start = 0
    this.#end = 0
  }

  /** Whether all came and is right, kept or not. */
  get isRight(): boolean {
    return this.#state === 'right'
  }

  /** All came, and its digest is right. */
  verified(digests: Digests): void {
    this.#state = 'right'
    this.#whole.resolve({ size: this.#end, digests })
    this.#notify()
  }

  /** All of it in one piece of memory of its own; undefined where it is longer or does not stand in memory any more. */
  copied(most: number): Buffer | undefined {
    return this.#start === 0 && this.#end <= most ? Buffer.concat(this.#chunks) : undefined
  }

  keep(kept: Kept<T>): void {
    this.#settled.resolve(kept)
  }

  fail(error: unknown): void {
    this.#settled.reject(error)
    if (this.#state === 'right') return
    this.#state = 'failed'
    this.#error = error
    this.#whole.reject(error)
    this.#notify()
  }

  open(range?: ByteRange): Readable {
    const { start, end } = { start: 0, ...range }
    const isInMemory = start === 0 || (this.isRight && start >= this.#start)
    if (!isInMemory) return Readable.from(this.#fromStorage({ start, ...(end === undefined ? {} : { end }) }))
    return Readable.from(this.#read(start, end === undefined ? Infinity : end + 1), { objectMode: false })
  }

  async *#read(from: number, until: number): AsyncGenerator<Buffer> {
    const reader = {}
    let at = from
    this.#readers.set(reader, at)
    try {
      while (at < until) {
        if (this.#state === 'failed') throw this.#error
        if (at < this.#start) {
          yield* this.#fromStorage({ start: at, ...(until === Infinity ? {} : { end: until - 1 }) })
          return
        }
        const safe = Math.min(until, this.#state === 'right' ? this.#end : this.#end - heldBack)
        if (at < safe) {
          const piece = this.#piece(at, safe)
          at += piece.length
          this.#readers.set(reader, at)
          this.#notify()
          yield piece
        } else if (this.#state === 'right') return
        else await this.#changed.promise
      }
    } finally {
      this.#readers.delete(reader)
      this.#notify()
    }
  }

  async *#fromStorage(range: ByteRange): AsyncGenerator<Buffer> {
    const kept = await this.kept
    yield* kept.open(range) as AsyncIterable<Buffer>
  }

  /** What stands in memory at a position, up to another. */
  #piece(from: number, to: number): Buffer {
    let begin = this.#start
    for (const chunk of this.#chunks) {
      if (from < begin + chunk.length) return chunk.subarray(from - begin, Math.min(chunk.length, to - begin))
      begin += chunk.length
    }
    throw new Error(`position ${from} is not in memory`)
  }

  /** Drops the oldest piece from memory, unless the fastest reader still needs it. */
  #drop(): boolean {
    const first = this.#chunks[0]!
    const until = this.#start + first.length
    const places = [...this.#readers.values()]
    const isNeeded = this.#lost
      ? places.length === 0 || Math.min(...places) < until
      : places.length > 0 && Math.max(...places) < until
    if (isNeeded) return false
    this.#chunks.shift()
    this.#start += first.length
    return true
  }

  /** Resolves when something changed. */
  async #room(): Promise<void> {
    if (!this.#lost || this.#readers.size > 0) return this.#changed.promise
    const unread = new AbortController()
    const nobody = sleep(unreadMs, this.#lost, { signal: unread.signal }).catch(() => undefined)
    const lost = await Promise.race([nobody, this.#changed.promise])
    unread.abort()
    if (lost && this.#readers.size === 0) throw lost.error
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
