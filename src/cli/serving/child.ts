/** `serve` in one of several processes that answer requests: its parent tells it what to do. */
import cluster from 'node:cluster'
import { channel } from 'node:process'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import { talkOver, type Channel } from '../../lib/process-talk.ts'
import type { Process } from '../command.ts'
import { openConfig } from '../open.ts'
import { reload } from './reload.ts'
import { startRequestServer, type RequestServer } from './request-server.ts'
import { ignoreSignals } from './signals.ts'

/** Runs until its parent says stop. */
export async function runChild(config: Config, log: Logger, process: Process): Promise<void> {
  ignoreSignals()
  // Its parent holds the socket: nothing but their channel keeps an idle child running.
  channel?.ref()
  const told = Promise.withResolvers<void>()
  let server: RequestServer | undefined
  const parent = talkOver(cluster.worker as Channel, {
    stop: async () => told.resolve(),
    families: async () => server?.opened.app.families() ?? [],
    async reload() {
      if (!server) return
      const { opened, listener } = server
      reload({ app: opened.app, listener, log, read: () => openConfig(process) })
    },
  })
  server = await startRequestServer(config, log, {
    duties: 'requests',
    metrics: () => parent.ask<string>('metrics'),
  })
  const { publicUrl, bound } = server
  await parent.ask('ready', { publicUrl, bound })
  await told.promise
  await server.stop()
  cluster.worker!.disconnect()
}
