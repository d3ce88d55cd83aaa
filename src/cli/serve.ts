import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { Command } from './command.ts'
import { openConfig } from './open.ts'

export const serve: Command = {
  name: 'serve',
  summary: 'run the server',
  help: `Runs the server until it gets SIGINT or SIGTERM; requests in flight are finished first, uploads included. A second
signal ends it at once. SIGHUP reads the configuration and the TLS files again.

It listens on ENTREPOT_LISTEN (127.0.0.1:8080) and keeps everything in ENTREPOT_DATA (./data); ENTREPOT_WORKERS is the
number of processes that answer requests. Until there is an administrator each start prints a one-time link that makes
one.`,
  async run(_args, process) {
    const { default: pino } = await import('pino')
    if (cluster.isWorker) {
      const { runChild } = await import('./serving/child.ts')
      return runChild(pino())
    }
    const config = openConfig(process)
    const log = pino({ level: config.log.level })
    const count = config.workers === 'auto' ? availableParallelism() : config.workers
    if (count > 1) {
      const { runParent } = await import('./serving/parent.ts')
      return runParent(config, log, process, count)
    }
    const { runAlone } = await import('./serving/alone.ts')
    return runAlone(config, log, process)
  },
}
