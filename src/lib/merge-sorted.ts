/**
 * Merges lists that are sorted by what `idOf` says (as `<` orders texts): the items of each id, in the order of their
 * lists. Takes one item of each list at a time; a list's own items of equal ids come one after the other.
 */
export function* mergeSorted<T>(
  lists: readonly Iterable<T>[],
  idOf: (item: T) => string,
): Generator<readonly T[]> {
  const heap = new Heap<T>()
  const next = (rest: Iterator<T>, list: number) => {
    const { done, value } = rest.next()
    if (!done) heap.push({ id: idOf(value), item: value, list, rest })
  }
  for (const [list, items] of lists.entries()) next(items[Symbol.iterator](), list)
  for (let first = heap.pop(); first; first = heap.pop()) {
    const { id } = first
    const items: T[] = []
    for (let one: Head<T> | undefined = first; one; one = heap.popOf(id)) {
      items.push(one.item)
      next(one.rest, one.list)
    }
    yield items
  }
}

/** The next item of a list, and what follows it. */
interface Head<T> {
  readonly id: string
  readonly item: T
  readonly list: number
  readonly rest: Iterator<T>
}

/** A binary heap: the smallest id first, of equal ones that of the first list. */
class Heap<T> {
  readonly #heads: Head<T>[] = []

  push(head: Head<T>): void {
    const heads = this.#heads
    let at = heads.length
    heads.push(head)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!precedes(head, heads[parent]!)) break
      heads[at] = heads[parent]!
      at = parent
    }
    heads[at] = head
  }

  pop(): Head<T> | undefined {
    const heads = this.#heads
    const first = heads[0]
    const last = heads.pop()
    if (last && heads.length > 0) this.#sink(last)
    return first
  }

  /** The first one, if it has this id. */
  popOf(id: string): Head<T> | undefined {
    return this.#heads[0]?.id === id ? this.pop() : undefined
  }

  #sink(head: Head<T>): void {
    const heads = this.#heads
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heads.length) break
      if (child + 1 < heads.length && precedes(heads[child + 1]!, heads[child]!)) child += 1
      if (!precedes(heads[child]!, head)) break
      heads[at] = heads[child]!
      at = child
    }
    heads[at] = head
  }
}

const precedes = (a: Head<unknown>, b: Head<unknown>) => a.id < b.id || (a.id === b.id && a.list < b.list)
