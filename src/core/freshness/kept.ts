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
   * where nothing changes (milliseconds since 1970). Callers share a load that is under way, but none of an older
   * generation.
   */
  get<T>(key: string, generation: number, load: () => Promise<T>, until?: (value: T) => number): Promise<T>
}

/** Keeps records up to about `maxBytes`, taking each for a kilobyte beside its key. */
export function createKeptRecords(maxBytes: number, clock: () => number): KeptRecords {
  const kept = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    sizeCalculation: (_, key) => 1000 + 2 * key.length,
  })
  /** What is being loaded, by key: the newest. */
  const loading = new Map<string, { readonly generation: number; readonly value: Promise<unknown> }>()

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
      if (isGood) return hit.value as Promise<T>
      const underWay = loading.get(key)
      if (underWay?.generation === generation) return underWay.value as Promise<T>
      const value = fill(key, generation, load, until)
      const entry = { generation, value }
      loading.set(key, entry)
      const over = () => void (loading.get(key) === entry && loading.delete(key))
      value.then(over, over)
      return value
    },
  }
}
