/** Does `work` with every item, at most `most` at the same time. What it throws ends all and is thrown on. */
export async function forEachAtOnce<T>(
  items: Iterable<T> | AsyncIterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const next = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const state = { isOver: false }
  async function lane(): Promise<void> {
    while (!state.isOver) {
      const { done, value } = await next.next()
      if (done) return
      await work(value)
    }
  }
  try {
    await Promise.all(Array.from({ length: most }, lane))
  } finally {
    state.isOver = true
  }
}
