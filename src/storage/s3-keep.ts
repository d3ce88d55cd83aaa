import type { S3Objects } from './s3-objects.ts'

const atOnce = 8

/** Takes marks away behind the back of whoever published: a mark that stays because of a crash is settled by a sweep. */
export interface Keeping {
  start(name: string): void
  /** Resolves when the mark of `name` is no longer being taken away. */
  done(name: string): Promise<void>
  allDone(): Promise<void>
}

export function keepMarks(objects: S3Objects): Keeping {
  const underWay = new Map<string, Promise<void>>()
  const waiting: (() => void)[] = []
  let running = 0
  async function remove(name: string): Promise<void> {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    running++
    // A store that fails now is asked again by the sweep.
    await objects.removeMark(name).catch(() => {})
    running--
    underWay.delete(name)
    waiting.shift()?.()
  }
  return {
    start(name) {
      if (!underWay.has(name)) underWay.set(name, remove(name))
    },
    done: async (name) => underWay.get(name),
    async allDone() {
      while (underWay.size > 0) await Promise.all(underWay.values())
    },
  }
}
