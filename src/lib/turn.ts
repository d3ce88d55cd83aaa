/** Long work that lets others go first now and then. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Everything else that waits for the event loop goes first. */
export function turn(): Promise<void> {
  return nextTurn()
}

/** Does something with each of many items, letting others go first after every `some` of them. */
export async function inTurns<T, U>(items: readonly T[], work: (item: T) => U, some = 200): Promise<U[]> {
  const results: U[] = []
  for (const [at, item] of items.entries()) {
    if (at > 0 && at % some === 0) await turn()
    results.push(work(item))
  }
  return results
}

/** Sorted or merged between two turns. */
const atOnce = 500

/** Sorts as `toSorted` does (what is equal stays in its order), some hundred items at a time. */
export async function sortInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> {
  let runs: T[][] = []
  for (let at = 0; at < items.length; at += atOnce) {
    if (at > 0) await turn()
    runs.push(items.slice(at, at + atOnce).sort(compare))
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let at = 0; at < runs.length; at += 2)
      merged.push(await merge(runs[at]!, runs[at + 1] ?? [], compare))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(left: T[], right: T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const inOrder = left.length === 0 || right.length === 0 || compare(left.at(-1)!, right[0]!) <= 0
  if (inOrder) return left.concat(right)
  const merged: T[] = []
  let at = 0
  for (const item of right) {
    while (at < left.length && compare(left[at]!, item) <= 0) {
      merged.push(left[at++]!)
      if (merged.length % atOnce === 0) await turn()
    }
    merged.push(item)
    if (merged.length % atOnce === 0) await turn()
  }
  return merged.concat(left.slice(at))
}
