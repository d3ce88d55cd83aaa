import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { App } from '../app.ts'
import { createServer } from '../http/server.ts'
import type { Command } from './command.ts'
import { openApp, openConfig } from './open.ts'
import { stopSignal } from './stop-signal.ts'

export const worker: Command = {
  name: 'worker',
  summary: 'only work off jobs: collection, webhooks and whatever else is done apart from requests',
  usage: '[--listen 127.0.0.1:8081]',
  help: `Works off jobs until it gets SIGINT or SIGTERM, beside servers that use the same database and store; the jobs
under way go back to the others then. Set jobs.in_server to false where servers are to leave jobs alone.
--listen answers /-/health there and nothing else but what watches a process.

  entrepot worker --listen 127.0.0.1:8081`,
  options: { listen: { type: 'string' } },
  async run({ values }, process) {
    const { default: pino } = await import('pino')
    const config = openConfig(process)
    const log = pino({ level: config.log.level })
    const opened = await openApp(config, log)
    try {
      const watched = await listen(values.listen as string | undefined, opened.app, log)
      await opened.app.startWorker()
      process.out(`Entrepot works off jobs${watched.words}`)
      await stopSignal()
      log.info('stopping: jobs under way are handed back')
      await watched.close()
    } finally {
      await opened.close()
    }
  },
}

const watching = /^\/-\/(health|readiness|liveness|metrics)$/

async function listen(address: string | undefined, app: App, log: Logger) {
  if (address === undefined) return { words: '', close: async () => {} }
  const onRequest = (req: IncomingMessage, res: ServerResponse, sendContinue: () => void) =>
    watching.test(req.url?.split('?', 1)[0] ?? '')
      ? app.handle(req, res, sendContinue)
      : void res.writeHead(404).end()
  const listener = createServer({ log, onRequest })
  const bound = await listener.listen(address)
  const host = bound.address.includes(':') ? `[${bound.address}]` : bound.address
  return { words: ` (health at http://${host}:${bound.port}/-/health)`, close: () => listener.close(1000) }
}
