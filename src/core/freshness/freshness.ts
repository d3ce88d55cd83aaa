import { Problem } from '../../lib/problem.ts'

/**
 * The one freshness check. A *generation* is a number that stands for a state of the records: two requests that were
 * given the same one may use the same kept things.
 */
export interface Freshness {
  /**
   * The generation of a check that began after this call. All calls of one turn of the event loop share one check.
   * @throws Problem 503 if the database does not answer: what is in memory is never used unchecked.
   */
  current(): Promise<number>
}

/** Builds on a number that differs whenever anything was committed since it was last asked for. */
export function createFreshness(changes: () => number): Freshness {
  let seen = -1
  let generation = 0
  let pending: Promise<number> | undefined

  function check(): number {
    const now = changes()
    if (now !== seen) {
      seen = now
      generation += 1
    }
    return generation
  }
  return {
    current() {
      pending ??= new Promise((resolve, reject) => {
        setImmediate(() => {
          pending = undefined
          try {
            resolve(check())
          } catch {
            reject(new Problem(503, 'unavailable', 'the database does not answer; try again in a moment'))
          }
        })
      })
      return pending
    },
  }
}
