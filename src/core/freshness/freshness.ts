import type { RecordState } from '../../database/database.ts'
import { unavailable } from '../../database/unavailable.ts'

/**
 * The one freshness check. A *generation* is a number that stands for a state of the records: two requests that were
 * given the same one may use the same kept things.
 */
export interface Freshness {
  /**
   * The generation of a check that began after this call. All calls of one turn of the event loop share one check, as
   * do those that come while an earlier one is under way.
   * @throws Problem 503 if the database does not answer: what is in memory is never used unchecked.
   */
  current(): Promise<number>
}

/** A check that has not answered by then has failed its requests. */
const longestMs = 1_000

/** Builds on what differs whenever anything was committed since it was last asked for. */
export function createFreshness(changes: () => RecordState | Promise<RecordState>): Freshness {
  let seen: RecordState = -1
  let generation = 0
  let waiting: Promise<number> | undefined
  let underWay: Promise<RecordState> | undefined

  function generationOf(state: RecordState): number {
    if (state !== seen) {
      seen = state
      generation += 1
    }
    return generation
  }
  async function begin(): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve))
    if (underWay) await underWay.catch(() => {})
    waiting = undefined
    try {
      const state = changes()
      if (!(state instanceof Promise)) return generationOf(state)
      underWay = inTime(state)
      return generationOf(await underWay)
    } catch (error) {
      throw unavailable(error)
    } finally {
      underWay = undefined
    }
  }
  return {
    current() {
      waiting ??= begin()
      return waiting
    },
  }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${longestMs} ms`)), longestMs)
  answer.then(resolve, reject).finally(() => clearTimeout(timer))
  return promise
}
