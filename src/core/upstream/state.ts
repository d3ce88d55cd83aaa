import { LRUCache } from 'lru-cache'
import type { Database } from '../../database/database.ts'
import type { Format } from '../../formats/format.ts'
import type { Clock } from '../core.ts'
import { createUpstreamUses, type NotedTimes } from '../records/noted-times.ts'
import { createFetches, type Fetches } from './fetches.ts'
import { createSaidDigests, type SaidDigests } from './said-digests.ts'
import { createReadingThreads, type ReadingThreads } from './reading-threads.ts'

/** What this process knows of upstreams beside the records. */
export interface UpstreamState {
  readonly fetches: Fetches
  readonly threads: ReadingThreads
  /** Requests for documents under way here, by upstream and key. */
  readonly asking: Map<string, Promise<unknown>>
  /** Files on their way here, by upstream and path. */
  readonly arriving: Map<string, Promise<unknown>>
  /** What an upstream said it does not have. */
  readonly missing: Remembered
  /** What could not be asked for again a moment ago, while something older is kept. */
  readonly failing: Remembered
  /** Files that were kept a moment ago, as in `arriving`. */
  readonly justKept: Remembered
  /** Whether no other process keeps anything. */
  readonly isAlone: boolean
  readonly said: SaidDigests
  /** Upstreams, by number, whose last file had no digests in the head of its answer. */
  readonly besides: Set<number>
  /** When files and documents were last used, by number. */
  readonly uses: { readonly files: NotedTimes; readonly documents: NotedTimes }
  /** Work that goes on after the answer: `stop` waits for it. Hands it back. */
  keeping<T>(work: Promise<T>): Promise<T>
  /** Resolves when there is no such work. */
  idle(): Promise<void>
  /** To be called when all connections to upstreams are ended. */
  stop(): Promise<void>
}

/** Things that hold for a while. */
export interface Remembered {
  has(key: string): boolean
  add(key: string): void
  forget(key: string): void
}

/** A "not here" is believed for so long, in milliseconds. */
const missingMs = 60_000
/** After a failure something that is kept is not asked for again for so long. */
const failingMs = 10_000

export interface UpstreamStateOptions {
  readonly clock: Clock
  /** What reading threads import. */
  readonly formatsModule: string
  /** Whether no other process answers requests. */
  readonly isAlone: boolean
}

export function createUpstreamState(
  database: Database,
  formats: ReadonlyMap<string, Format<any>>,
  { clock, formatsModule, isAlone }: UpstreamStateOptions,
): UpstreamState {
  const fetches = createFetches(database, isAlone)
  const threads = createReadingThreads(formats, formatsModule)
  const underWay = new Set<Promise<void>>()
  return {
    fetches,
    threads,
    asking: new Map(),
    arriving: new Map(),
    missing: remembered(clock, missingMs),
    failing: remembered(clock, failingMs),
    justKept: remembered(clock, missingMs),
    isAlone,
    said: createSaidDigests(),
    besides: new Set(),
    uses: createUpstreamUses(),
    keeping(work) {
      const settled = work.then(
        () => {},
        () => {},
      )
      underWay.add(settled)
      void settled.then(() => underWay.delete(settled))
      return work
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    async stop() {
      await this.idle()
      fetches.stop()
      await threads.end()
    },
  }
}

function remembered(clock: Clock, ms: number): Remembered {
  const until = new LRUCache<string, number>({ max: 8_000 })
  return {
    has: (key) => clock() < (until.get(key) ?? 0),
    add: (key) => void until.set(key, clock() + ms),
    forget: (key) => void until.delete(key),
  }
}
