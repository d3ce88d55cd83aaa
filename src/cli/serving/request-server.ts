import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { App, AppParts } from '../../app.ts'
import { defaultPublicUrl } from '../../config/addresses.ts'
import type { Config } from '../../config/config.ts'
import { createServer, type Listener } from '../../http/server.ts'
import { collectGarbage } from '../../lib/collect-garbage.ts'
import { openApp, type OpenedApp } from '../open.ts'
import { limitsOf, readTls } from './reload.ts'

/** What listens and answers, in one process. */
export interface RequestServer {
  readonly opened: OpenedApp
  readonly listener: Listener
  /** Where people reach it. */
  readonly publicUrl: string
  /** What it listens on: '127.0.0.1:8080'. */
  readonly bound: string
  /**
   * Says so to whoever asks for readiness, goes on for the configured delay, then finishes what is in flight. Jobs stop
   * at once.
   */
  stop(): Promise<void>
}

/** Listens first, so that early requests wait instead of failing, then opens everything. Throws `StartRefused`. */
export async function startRequestServer(
  config: Config,
  log: Logger,
  parts: Pick<AppParts, 'duties' | 'metrics'>,
): Promise<RequestServer> {
  const ready = Promise.withResolvers<App>()
  const tls = readTls(config)
  const listener: Listener = createServer({
    ...(tls ? { tls } : {}),
    limits: limitsOf(config),
    log,
    onRequest: async (req, res, sendContinue) => (await ready.promise).handle(req, res, sendContinue),
  })
  const { address, port } = await listener.listen(config.listen)
  const bound = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  const publicUrl = config.publicUrlIsDefault ? defaultPublicUrl(bound, tls !== undefined) : config.publicUrl
  const opened = await startApp({ ...config, publicUrl }, log, parts).catch(async (error: unknown) => {
    await listener.close(0)
    throw error
  })
  ready.resolve(opened.app)
  setTimeout(collectGarbage, settledMs).unref()
  return { opened, listener, publicUrl, bound, stop: () => stop(opened, listener, log) }
}

/** After the start by so much nothing more is being loaded. */
const settledMs = 500

/** Opens and starts an app; what was opened is closed again if that fails. */
export async function startApp(
  config: Config,
  log: Logger,
  parts: Pick<AppParts, 'duties' | 'metrics'>,
): Promise<OpenedApp> {
  const opened = await openApp(config, log, parts)
  try {
    await opened.app.start()
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function stop(opened: OpenedApp, listener: Listener, log: Logger): Promise<void> {
  const { app } = opened
  const { delay, grace } = app.core.config.shutdown
  log.info({ delay, grace }, 'stopping: requests in flight are finished first')
  app.announceStop()
  const jobs = app.worker.stop()
  if (delay > 0) await sleep(delay)
  await listener.close(grace)
  await Promise.race([jobs, sleep(jobPatienceMs, undefined, { ref: false })])
  await opened.close()
}

/** How long a job may take to notice that it should stop; a lease that is not handed back runs out. */
const jobPatienceMs = 10_000
