import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { App } from '../app.ts'
import { defaultPublicUrl } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import { setupLink } from '../core/access/one-time-links.ts'
import { hasAdministrator } from '../core/records/users.ts'
import { createServer, type Listener } from '../http/server.ts'
import { StartRefused } from '../lib/start-refused.ts'
import type { Command, Process } from './command.ts'
import { openApp, openConfig, type OpenedApp } from './open.ts'
import { stopSignal } from './stop-signal.ts'

/** How long requests in flight may go on after the signal to stop. */
const graceMs = 30_000

export const serve: Command = {
  name: 'serve',
  summary: 'run the server',
  help: `Runs the server until it gets SIGINT or SIGTERM; requests in flight are finished first.

It listens on ENTREPOT_LISTEN (127.0.0.1:8080) and keeps everything in ENTREPOT_DATA (./data). Until there is an
administrator each start prints a one-time link that makes one.`,
  async run(_args, process) {
    const { default: pino } = await import('pino')
    const config = openConfig(process)
    const log = pino({ level: config.log.level })
    const listener = await listen(config, log, process)
    await stopSignal()
    log.info('stopping: requests in flight are finished first')
    await listener.close()
  },
}

async function listen(config: Config, log: Logger, process: Process): Promise<{ close(): Promise<void> }> {
  const ready = Promise.withResolvers<App>()
  const tls = config.tls && { cert: pem(config.tls.cert, 'tls.cert'), key: pem(config.tls.key, 'tls.key') }
  const listener: Listener = createServer({
    ...(tls ? { tls } : {}),
    limits: { headersMs: config.limits.headersTimeout, keepAliveMs: config.limits.keepAlive },
    log,
    onRequest: async (req, res, sendContinue) => (await ready.promise).handle(req, res, sendContinue),
  })
  const { address, port } = await listener.listen(config.listen)
  const bound = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  const publicUrl = config.publicUrlIsDefault ? defaultPublicUrl(bound, tls !== undefined) : config.publicUrl
  const opened = await startApp({ ...config, publicUrl }, log).catch(async (error: unknown) => {
    await listener.close(0)
    throw error
  })
  ready.resolve(opened.app)
  process.out(`Entrepot serves ${publicUrl} (listening on ${bound}, data in ${config.data})`)
  if (!(await hasAdministrator(opened.database.read))) {
    process.out(
      `There is no administrator yet. Make one within a day at ${await setupLink(opened.database, publicUrl, Date.now())}`,
    )
  }
  return {
    async close() {
      await listener.close(graceMs)
      await opened.close()
    },
  }
}

async function startApp(config: Config, log: Logger): Promise<OpenedApp> {
  const opened = await openApp(config, log)
  try {
    await opened.app.start()
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

function pem(path: string, key: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StartRefused(`config: ${key}: cannot read ${path}: ${(error as Error).message}`)
  }
}
