/** Things that wait for each other anyway, done together. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface TogetherOptions {
  /** Items of one batch. Default 100. */
  readonly most?: number
  /** How long the first item waits for others, in milliseconds. Default: for those of the same turn. */
  readonly waitMs?: number
}

/**
 * Collects items while an earlier batch is under way; then `work` is given all of them and resolves to a result for
 * each, in their order. Where it throws, each item is tried alone, so that nobody fails for another's sake.
 */
export function together<T, R>(
  work: (items: readonly T[]) => Promise<readonly R[]>,
  { most = 100, waitMs }: TogetherOptions = {},
): (item: T) => Promise<R> {
  interface Waiting {
    readonly item: T
    readonly resolve: (result: R) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let isBusy = false

  async function run(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await work(batch.map(({ item }) => item))
      batch.forEach(({ resolve }, at) => resolve(results[at]!))
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error)
      else for (const one of batch) await run([one])
    }
  }
  async function drain(): Promise<void> {
    isBusy = true
    while (waiting.length > 0) {
      await (waitMs === undefined ? Promise.resolve() : sleep(waitMs))
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await run(batch)
    }
    isBusy = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isBusy) void drain()
    })
}
