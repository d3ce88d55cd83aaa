/** First come, first served. */
export interface Mutex {
  lock(): Promise<void>
  unlock(): void
}

/** A lock for one connection that several callers share. */
export function createMutex(): Mutex {
  const waiting: (() => void)[] = []
  let locked = false
  return {
    lock() {
      if (!locked) {
        locked = true
        return Promise.resolve()
      }
      return new Promise((resolve) => waiting.push(resolve))
    },
    unlock() {
      const next = waiting.shift()
      if (next) next()
      else locked = false
    },
  }
}
