import type { BlobStore } from './blob-store.ts'
import { checkStore } from './check-store.ts'

/** Where bytes may lie. */
export type Place = 'local' | 'object'

/** Starts every key whose bytes lie in the bucket. */
export const objectPrefix = 'object/'

/** Where the bytes of a key lie: the key says so. */
export function placeOf(key: string): Place {
  return key.startsWith(objectPrefix) ? 'object' : 'local'
}

export interface JoinedStores {
  /** Left out: nothing was ever stored on disk. */
  readonly local: BlobStore | undefined
  /** Left out: there is no bucket. */
  readonly object: BlobStore | undefined
  readonly writesTo: Place
}

/**
 * The disk and the bucket as one store: bytes are read from where they lie and written to one of them. A key of the
 * bucket starts with `object/`.
 */
export function joinStores({ local, object, writesTo }: JoinedStores): BlobStore {
  const stores = { local, object }
  const prefixes = { local: '', object: objectPrefix }
  const all = (['local', 'object'] as const).filter((place) => stores[place] !== undefined)

  function at(key: string): [store: BlobStore, key: string] {
    const place = placeOf(key)
    const store = stores[place]
    if (store) return [store, key.slice(prefixes[place].length)]
    throw new Error(
      place === 'object'
        ? `${key} is stored in a bucket: packages.object_store must name it, enabled or not`
        : `${key} is stored on disk: packages.storage_path must name its directory`,
    )
  }
  const sum = (count: 'opens' | 'writes' | 'deletes') =>
    all.reduce((total, place) => total + stores[place]!.counts[count], 0)

  return {
    async write(body, options) {
      const written = await stores[writesTo]!.write(body, options)
      return { ...written, key: prefixes[writesTo] + written.key }
    },
    keep: async (key) => {
      const [store, own] = at(key)
      await store.keep(own)
    },
    release: async (key) => {
      const [store, own] = at(key)
      await store.release(own)
    },
    delete: async (key) => {
      const [store, own] = at(key)
      await store.delete(own)
    },
    open(key, range) {
      const [store, own] = at(key)
      return store.open(own, range)
    },
    read: async (key) => {
      const [store, own] = at(key)
      return store.read(own)
    },
    async *leftovers(options) {
      for (const place of all)
        for await (const key of stores[place]!.leftovers(options)) yield prefixes[place] + key
    },
    link: async (key, options) => {
      const [store, own] = at(key)
      return store.link?.(own, options)
    },
    async check() {
      for (const place of all) await checkStore(stores[place]!)
    },
    async isEmpty() {
      for (const place of all) if (!(await stores[place]!.isEmpty())) return false
      return true
    },
    now: async () => (await stores[writesTo]!.now?.()) ?? Date.now(),
    get counts() {
      return { opens: sum('opens'), writes: sum('writes'), deletes: sum('deletes') }
    },
    async close() {
      for (const place of all) await stores[place]!.close()
    },
  }
}
