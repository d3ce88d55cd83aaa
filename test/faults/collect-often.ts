import { setTimeout as sleep } from 'node:timers/promises'
import type { Core } from '../../src/core/core.ts'
import { collect } from '../../src/jobs/collect.ts'

const everyMs = 50
const atOnce = 4

/** A run every 50 ms, whether or not those before have ended: as several servers would that lost their lease. */
export async function collectOften(core: Core, signal: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>()
  for (; !signal.aborted; await sleep(everyMs)) {
    if (running.size >= atOnce) continue
    const run = collect
      .run(core, '', signal)
      .catch((err: unknown) => core.log.error({ err }, 'a collection failed'))
      .finally(() => running.delete(run))
    running.add(run)
  }
  await Promise.all(running)
}
