/** `serve` in one of several processes that answer requests: its parent tells it what to do. */
import cluster from 'node:cluster'
import { channel } from 'node:process'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { deepFreeze } from '../../config/freeze.ts'
import { talkOver } from '../../lib/process-talk.ts'
import { reload } from './reload.ts'
import { startRequestServer, type RequestServer } from './request-server.ts'
import { ignoreSignals } from './signals.ts'

/** Runs until its parent says stop. Its configuration is its parent's, so that all of them have the same. */
export async function runChild(log: Logger): Promise<void> {
  ignoreSignals()
  // An idle child must not end for want of anything to do; after `disconnect` nothing holds it.
  channel?.ref()
  try {
    await serveForParent(log)
  } finally {
    cluster.worker!.disconnect()
  }
}

async function serveForParent(log: Logger): Promise<void> {
  const told = Promise.withResolvers<void>()
  const serving: { server?: RequestServer } = {}
  const parent = talkOver(cluster.worker!, {
    stop: async () => told.resolve(),
    families: async () => serving.server?.opened.app.families() ?? [],
    async reload(next: Config) {
      if (!serving.server) return
      const { opened, listener } = serving.server
      reload({ app: opened.app, listener, log, read: () => deepFreeze(next) })
    },
  })
  const config = deepFreeze(await parent.ask<Config>('config'))
  log.level = config.log.level
  const server = await startRequestServer(config, log, {
    duties: 'requests',
    metrics: () => parent.ask<string>('metrics'),
  })
  serving.server = server
  const { publicUrl, bound } = server
  await parent.ask('ready', { publicUrl, bound })
  await told.promise
  await server.stop()
}
