import { LRUCache } from 'lru-cache'

interface Kept {
  readonly generation: number
  /** Settled, and handed out again as it is: a hit makes nothing new. */
  readonly value: Promise<unknown>
  /** When it stops being right although nothing was written (a token expires); Infinity: never. */
  readonly until: number
}

/** Records that requests need again and again, kept in memory as long as they are the newest. */
export interface KeptRecords {
  /**
   * The value under `key` as of `generation`: the kept one, or what `load` gives. `until` says how long a value holds
   * where nothing changes (milliseconds since 1970). Callers never share a load of an older generation.
   */
  get<T>(key: string, generation: number, load: () => Promise<T>, until?: (value: T) => number): Promise<T>
}

/** Keeps records up to about `maxBytes`, taking each for a kilobyte beside its key. */
export function createKeptRecords(maxBytes: number, clock: () => number): KeptRecords {
  const kept = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    sizeCalculation: (_, key) => 1000 + 2 * key.length,
  })
  async function fill<T>(
    key: string,
    generation: number,
    load: () => Promise<T>,
    until?: (value: T) => number,
  ): Promise<T> {
    const value = await load()
    const entry = { generation, value: Promise.resolve(value), until: until?.(value) ?? Infinity }
    const newer = kept.peek(key)
    if (!newer || newer.generation <= generation) kept.set(key, entry)
    return value
  }
  return {
    get<T>(
      key: string,
      generation: number,
      load: () => Promise<T>,
      until?: (value: T) => number,
    ): Promise<T> {
      const hit = kept.get(key)
      const isGood = hit?.generation === generation && (hit.until === Infinity || clock() < hit.until)
      return isGood ? (hit.value as Promise<T>) : fill(key, generation, load, until)
    },
  }
}
