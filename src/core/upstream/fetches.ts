/** One fetch for all: within the process and, by rows that say who fetches what, among all processes and nodes. */
import { randomUUID } from 'node:crypto'
import type { Database, Db } from '../../database/database.ts'
import { together } from '../../lib/together.ts'
import { endFetch, noteProgress, takeFetch, underWay } from '../records/upstream-fetches.ts'

/** The right to fetch something, until it is ended or somebody else overtakes. */
export interface Lease {
  readonly key: string
  readonly fence: number
}

export interface Fetches {
  /** How long bytes that were brought may wait for others before they are durable, in milliseconds. */
  readonly gatherMs: number
  /** The lease; undefined: somebody else fetches this now. */
  take(key: string): Promise<Lease | undefined>
  /** Resolves when nobody makes progress with it any more: it is there, it failed, or its holder died. */
  ended(key: string): Promise<void>
  /** Bytes came. */
  progress(lease: Lease): void
  /**
   * Ends the lease and keeps what was brought, in one transaction with others that end now.
   * @throws Overtaken if somebody else has taken it; nothing is kept then.
   */
  end<I, T>(lease: Lease, keep: Keep<I, T>, brought: I): Promise<T>
  /** The same in a transaction of its own, at once: for what somebody waits for. */
  endAtOnce<T>(lease: Lease, keep: (db: Db) => Promise<T>): Promise<T>
  /** Nothing came of it. Never throws: a lease that cannot be given up is overtaken. */
  giveUp(lease: Lease): Promise<void>
  stop(): void
}

/** Keeps things that were brought, in one transaction: a result for each, in their order. */
export type Keep<I, T> = (db: Db, brought: readonly I[]) => Promise<readonly T[]>

/** Somebody else has fetched this meanwhile, since this holder made no progress. */
export class Overtaken extends Error {
  override name = 'Overtaken'
}

const progressMs = 1_500
const pollMs = 100

/**
 * What is brought is written together with what comes within so many milliseconds: nobody waits for that, but other
 * processes for the lease. Every commit makes requests ask for all again that they had in memory: few are better.
 */
const gatheredMs = { alone: 100, amongMany: 25 }

/**
 * `database`: where all who might fetch the same meet. `isAlone`: nobody but this process does, so that no rows need say
 * who fetches what.
 */
export function createFetches(database: Database, isAlone: boolean): Fetches {
  return isAlone ? fetchesOfOne(database) : fetchesOfMany(database)
}

/** The process itself asks for everything once. */
function fetchesOfOne(database: Database): Fetches {
  const end = together(
    (endings: readonly Ending[]) =>
      database.write(async (db) => {
        const kept = await keepAll(db, endings)
        return endings.map((ending) => kept.get(ending))
      }, beside),
    { waitMs: gatheredMs.alone },
  )
  return {
    gatherMs: gatheredMs.alone,
    take: async (key) => ({ key, fence: 0 }),
    ended: async () => {},
    progress: () => {},
    end: <I, T>(lease: Lease, keep: Keep<I, T>, brought: I) => end({ lease, keep, brought }) as Promise<T>,
    endAtOnce: (_lease, keep) => database.write(keep, beside),
    giveUp: async () => {},
    stop: () => {},
  }
}

function fetchesOfMany(database: Database): Fetches {
  const holder = randomUUID()
  const watched = createWatched(database)
  const moved = new Set<string>()
  const reports = setInterval(() => void report(), progressMs).unref()

  async function report(): Promise<void> {
    if (moved.size === 0) return
    const keys = [...moved].toSorted()
    moved.clear()
    // Whoever hears nothing overtakes: no reason to break off what is under way.
    await database.write((db) => noteProgress(db, keys, holder), beside).catch(() => {})
  }
  const take = together((keys: readonly string[]) =>
    database.write(async (db) => {
      const leases = new Map<string, Lease>()
      for (const key of [...new Set(keys)].toSorted()) {
        const fence = await takeFetch(db, key, holder)
        if (fence !== undefined) leases.set(key, { key, fence })
      }
      return keys.map((key, at) => (keys.indexOf(key) === at ? leases.get(key) : undefined))
    }, beside),
  )
  const end = together(
    (endings: readonly Ending[]) =>
      database.write(async (db) => {
        const ours: Ending[] = []
        for (const ending of endings.toSorted((a, b) => (a.lease.key < b.lease.key ? -1 : 1))) {
          const { key, fence } = ending.lease
          if (await endFetch(db, key, holder, fence)) ours.push(ending)
        }
        const kept = await keepAll(db, ours)
        return endings.map((ending): Outcome => (kept.has(ending) ? { value: kept.get(ending) } : undefined))
      }, beside),
    { waitMs: gatheredMs.amongMany },
  )
  return {
    gatherMs: 0,
    take,
    ended: (key) => watched.ended(key),
    progress: ({ key }) => void moved.add(key),
    async end<I, T>(lease: Lease, keep: Keep<I, T>, brought: I): Promise<T> {
      moved.delete(lease.key)
      const outcome = await end({ lease, keep, brought })
      if (!outcome) throw new Overtaken(`somebody else has fetched ${lease.key}`)
      return outcome.value as T
    },
    endAtOnce({ key, fence }, keep) {
      moved.delete(key)
      return database.write(async (db) => {
        if (!(await endFetch(db, key, holder, fence))) throw new Overtaken(`somebody else has fetched ${key}`)
        return keep(db)
      }, beside)
    },
    async giveUp(lease) {
      moved.delete(lease.key)
      await end({ lease, keep: nothing, brought: undefined }).catch(() => {})
    },
    stop() {
      clearInterval(reports)
      watched.stop()
    },
  }
}

/** Right beside everybody: each statement settles by itself who comes first. */
const beside = { beside: [] }

interface Ending {
  readonly lease: Lease
  readonly keep: Keep<any, unknown>
  readonly brought: unknown
}
type Outcome = { readonly value: unknown } | undefined

const nothing: Keep<unknown, unknown> = async (_db, brought) => brought

/** What is kept in the same way is kept at once. */
async function keepAll(db: Db, endings: readonly Ending[]): Promise<ReadonlyMap<Ending, unknown>> {
  const kept = new Map<Ending, unknown>()
  for (const [keep, those] of Map.groupBy(endings, (ending) => ending.keep)) {
    const results = await keep(
      db,
      those.map(({ brought }) => brought),
    )
    those.forEach((ending, at) => kept.set(ending, results[at]))
  }
  return kept
}

/** Asks for all that somebody here waits for in one statement. */
function createWatched(database: Database) {
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    timer = undefined
    const keys = [...waiting.keys()]
    try {
      const busy = await underWay(database.read, keys)
      for (const key of keys) if (!busy.has(key)) settle(key)
    } catch {
      // Whoever waits asks the database next, and tells.
      for (const key of keys) settle(key)
    }
    again()
  }
  function settle(key: string): void {
    waiting.get(key)?.resolve()
    waiting.delete(key)
  }
  function again(): void {
    if (waiting.size > 0 && !timer) timer = setTimeout(() => void look(), pollMs)
  }
  return {
    ended(key: string): Promise<void> {
      const known = waiting.get(key) ?? Promise.withResolvers<void>()
      waiting.set(key, known)
      again()
      return known.promise
    },
    stop() {
      clearTimeout(timer)
      for (const key of waiting.keys()) settle(key)
    },
  }
}
