/** The digests of a file while it comes. */
import { createHash, type Hash } from 'node:crypto'
import type { Digest, Digests } from '../../formats/format.ts'

export interface Hashing {
  update(chunk: Uint8Array): void
  /** Of all that came. */
  digests(): Promise<Digests>
}

export interface HashingParts {
  /** Those that are wanted in any case, beside sha256. */
  readonly usual: readonly Digest[]
  /** Those that are wanted where it takes long to hear which ones the upstream says. */
  readonly all: readonly Digest[]
  /** What the upstream says: those are wanted, too. May fail. */
  readonly said: Promise<Digests>
}

/** So much waits for what the upstream says, in bytes: until then nobody knows which digests are needed. */
const longestWaiting = 1024 * 1024

/** Works out no more digests than are needed: on long files they are what takes most of the time. */
export function createHashing({ usual, all, said }: HashingParts): Hashing {
  let hashes: Map<Digest, Hash> | undefined
  let waiting: Uint8Array[] = []
  let size = 0
  const begin = (wanted: readonly Digest[]) => {
    if (hashes) return
    hashes = new Map([...new Set<Digest>(['sha256', ...wanted])].map((name) => [name, createHash(name)]))
    for (const chunk of waiting) for (const hash of hashes.values()) hash.update(chunk)
    waiting = []
  }
  const beginning = said
    .catch((): Digests => ({}))
    .then((digests) => begin([...usual, ...(Object.keys(digests) as Digest[])]))
  return {
    update(chunk) {
      if (!hashes) {
        waiting.push(chunk)
        size += chunk.length
        if (size > longestWaiting) begin(all)
      } else for (const hash of hashes.values()) hash.update(chunk)
    },
    async digests() {
      await beginning
      return Object.fromEntries([...hashes!].map(([name, hash]) => [name, hash.digest('hex')]))
    },
  }
}
