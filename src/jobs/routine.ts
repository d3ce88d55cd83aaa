import type { Logger } from 'pino'

/** Something small that each process does again and again for itself: no row says so, unlike for a job. */
export interface Routine {
  start(): void
  /** Does it a last time. */
  stop(): Promise<void>
}

/** `work` never runs twice at once; what it throws is logged in these words, and it is tried again at the next time. */
export function createRoutine(
  log: Pick<Logger, 'error'>,
  { everyMs, complaint }: { readonly everyMs: number; readonly complaint: string },
  work: (isLast: boolean) => Promise<void>,
): Routine {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  const run = async (isLast: boolean) => {
    try {
      await work(isLast)
    } catch (error) {
      log.error({ err: error }, complaint)
    } finally {
      running = undefined
    }
  }
  return {
    start() {
      timer = setInterval(() => void (running ??= run(false)), everyMs).unref()
    },
    async stop() {
      clearInterval(timer)
      await running
      await run(true)
    },
  }
}
