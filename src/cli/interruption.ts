import { once } from 'node:events'
import process from 'node:process'
import { StartRefused } from '../lib/start-refused.ts'

/** Runs long work that SIGINT and SIGTERM break off in order. */
export async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController()
  const done = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    once(process, name, { signal: done.signal }).then(
      () => interruption.abort(new StartRefused(`broken off by ${name}; run it again to go on`)),
      () => {},
    )
  }
  try {
    return await work(interruption.signal)
  } finally {
    done.abort()
  }
}
