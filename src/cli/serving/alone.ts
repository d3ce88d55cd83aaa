/** `serve` with one process, which does everything. */
import { exit } from 'node:process'
import type { Logger } from 'pino'
import type { Config } from '../../config/config.ts'
import type { Process } from '../command.ts'
import { openConfig } from '../open.ts'
import { greet } from './greet.ts'
import { reload } from './reload.ts'
import { startRequestServer } from './request-server.ts'
import { listenToSignals } from './signals.ts'

/** Runs until told to stop. */
export async function runAlone(config: Config, log: Logger, process: Process): Promise<void> {
  const server = await startRequestServer(config, log, {})
  const { opened, listener } = server
  const told = Promise.withResolvers<void>()
  listenToSignals({
    stop: told.resolve,
    stopNow() {
      log.warn('stopping at once: what is in flight is broken off')
      exit(1)
    },
    reload: () => void reload({ app: opened.app, listener, log, read: () => openConfig(process) }),
  })
  await greet(process, opened, server)
  await told.promise
  await server.stop()
}
