import { createApp } from '../app.ts'
import type { Core } from '../core/core.ts'
import { openDatabase } from '../database/open.ts'
import { loadOrCreateSecretKey } from '../lib/secret-key-file.ts'
import { openStore } from '../storage/open.ts'
import type { Process } from './command.ts'
import { openConfig } from './open.ts'

/** Opens the database and the store for one command, beside a server that may be running. It starts nothing. */
export async function withCore<T>(process: Process, work: (core: Core) => Promise<T>): Promise<T> {
  const config = openConfig(process)
  const { default: pino } = await import('pino')
  const log = pino({ level: 'warn' }, pino.destination(2))
  const database = await openDatabase(config.database)
  try {
    const blobs = await openStore(config.packages)
    try {
      const secretKey = config.secretKey ?? loadOrCreateSecretKey(config.secretKeyPath)
      return await work(createApp({ config, database, blobs, secretKey, log }).core)
    } finally {
      await blobs.close()
    }
  } finally {
    await database.close()
  }
}
