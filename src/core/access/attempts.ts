import { LRUCache } from 'lru-cache'
import { Problem } from '../../lib/problem.ts'
import type { Clock } from '../core.ts'

/** Counts failed attempts in memory, in each process, so that nothing can be guessed at speed. */
export interface Attempts {
  /**
   * Counts an attempt under every key, before it is known how it ends. Returns what takes it back when it succeeds.
   * @throws Problem 429 where one of the keys has had its share; then nothing is counted.
   */
  begin(keys: readonly string[]): () => void
}

interface Window {
  readonly since: number
  count: number
}

const mostKeys = 20_000

/** At most `most()` failures per key within `periodMs` of the first. */
export function createAttempts(most: () => number, periodMs: number, clock: Clock): Attempts {
  const windows = new LRUCache<string, Window>({ max: mostKeys })
  const windowOf = (key: string): Window => {
    const known = windows.get(key)
    if (known && clock() - known.since < periodMs) return known
    const fresh = { since: clock(), count: 0 }
    windows.set(key, fresh)
    return fresh
  }
  return {
    begin(keys) {
      const counted = keys.map(windowOf)
      const full = counted.find((window) => window.count >= most())
      if (full) throw tooMany(Math.ceil((full.since + periodMs - clock()) / 1000))
      for (const window of counted) window.count += 1
      return () => {
        for (const window of counted) window.count = Math.max(0, window.count - 1)
      }
    },
  }
}

function tooMany(seconds: number): Problem {
  const message = `too many failed attempts; try again in ${seconds} seconds`
  return new Problem(429, 'too_many', message, { 'retry-after': String(seconds) })
}
