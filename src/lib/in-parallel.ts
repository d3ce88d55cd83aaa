/**
 * Does `work` for each item, at most `atOnce` at a time; items are drawn only as they are needed. The first error ends
 * it: no further item is drawn, and it is thrown once those under way have settled.
 */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const stop = new AbortController()
  async function worker(): Promise<void> {
    while (!stop.signal.aborted) {
      const next = await iterator.next()
      if (next.done) return
      await work(next.value)
    }
  }
  const workers = Array.from({ length: atOnce }, () =>
    worker().catch((error: unknown) => {
      stop.abort()
      throw error
    }),
  )
  const outcomes = await Promise.allSettled(workers)
  await iterator.return?.()
  const bad = outcomes.find((outcome) => outcome.status === 'rejected')
  if (bad) throw bad.reason
}
