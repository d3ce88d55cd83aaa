/**
 * Says of digests whether they were added, in memory that does not grow with their length: all that were, and by chance
 * few that were not (a Bloom filter; what sha256 gives is as good as the hashes that it needs).
 */
export interface DigestFilter {
  /** A sha256, in hexadecimal. */
  add(sha256: string): void
  /** False: it was not added. True: it was, or one of some ten thousand others. */
  mayHave(sha256: string): boolean
}

/** Bits for each digest. */
const bitsEach = 32
const least = 2 ** 20
/** 256 MiB. With more than a hundred million digests more are taken for added. */
const most = 2 ** 31
/** Each is read from eight hexadecimal digits of its own. */
const places = [0, 8, 16, 24]

/** `count`: how many will be added at most. */
export function createDigestFilter(count: number): DigestFilter {
  const size = 2 ** Math.ceil(Math.log2(Math.min(most, Math.max(least, count * bitsEach))))
  const bytes = new Uint8Array(size / 8)
  const bitsOf = (sha256: string) => places.map((at) => Number.parseInt(sha256.slice(at, at + 8), 16) % size)
  return {
    add(sha256) {
      for (const bit of bitsOf(sha256)) bytes[bit >>> 3]! |= 1 << (bit & 7)
    },
    mayHave: (sha256) => bitsOf(sha256).every((bit) => (bytes[bit >>> 3]! & (1 << (bit & 7))) !== 0),
  }
}
