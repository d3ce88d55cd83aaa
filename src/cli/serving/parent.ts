/** `serve` with several processes: this one starts them, runs the jobs and answers nothing itself. */
import { exit } from 'node:process'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { Family } from '../../lib/instruments.ts'
import type { Process } from '../command.ts'
import { openConfig, type OpenedApp } from '../open.ts'
import { reload } from './reload.ts'
import { startApp } from './request-server.ts'
import { listenToSignals } from './signals.ts'
import { startWorkers, type WorkerProcesses } from './worker-processes.ts'
import { greet, type Address } from './greet.ts'

const askMs = 2_000
/** What closing takes beyond the delay and the grace that are configured. */
const closingMs = 30_000

/** Runs until told to stop; resolves to the exit code. What is done once is done before the others begin. */
export async function runParent(
  config: Config,
  log: Logger,
  process: Process,
  count: number,
): Promise<number> {
  const opened = await startApp(config, log, { duties: 'background' })
  let isGreeted = false
  const ready = (address: Address) => {
    if (isGreeted) return
    isGreeted = true
    void greet(process, opened, address, count)
  }
  const workers: WorkerProcesses = startWorkers(count, {
    log,
    ready,
    answers: {
      // The one that holds here, not what the file says by now.
      config: async () => opened.app.core.config,
      metrics: async () => opened.app.metrics(await workers.askAll<Family[]>('families', askMs)),
    },
  })
  const stopped = untilStopped(opened, workers, log, process)
  try {
    await Promise.race([stopped, workers.started.then(() => stopped)])
    return 0
  } catch {
    await workers.stop(closingMs)
    await opened.close()
    return 1
  }
}

async function untilStopped(
  opened: OpenedApp,
  workers: WorkerProcesses,
  log: Logger,
  process: Process,
): Promise<void> {
  const { app } = opened
  const told = Promise.withResolvers<void>()
  listenToSignals({
    stop: told.resolve,
    stopNow() {
      log.warn('stopping at once: what is in flight is broken off')
      workers.kill()
      exit(1)
    },
    reload() {
      const isTaken = reload({ app, log, read: () => openConfig(process) })
      if (isTaken) void workers.askAll('reload', askMs, app.core.config)
    },
  })
  await told.promise
  const { delay, grace } = app.core.config.shutdown
  log.info({ delay, grace }, 'stopping: requests in flight are finished first')
  await Promise.all([app.worker.stop(), workers.stop(delay + grace + closingMs)])
  await opened.close()
}
