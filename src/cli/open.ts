/** Opens the database and the store that the configuration names. */

import type { Logger } from 'pino'
import { configure, createApp, type App, type AppParts } from '../app.ts'
import type { Config } from '../config/config.ts'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open.ts'
import { makeDirectory } from '../lib/make-directory.ts'
import { loadOrCreateSecretKey } from '../lib/secret-key-file.ts'
import { StartRefused } from '../lib/start-refused.ts'
import { openStore } from '../storage/open.ts'
import type { Process } from './command.ts'

/** The configuration of this process, whose data directory exists. Throws `StartRefused`. */
export function openConfig({ env }: Process): Config {
  const config = configure({ env })
  try {
    makeDirectory(config.data, 0o750)
  } catch (error) {
    throw new StartRefused(
      `cannot make the data directory ${config.data}: ${(error as Error).message}; set ENTREPOT_DATA to one that this user may write to`,
    )
  }
  return config
}

/** Opens the database for one command. */
export async function withDatabase<T>(
  process: Process,
  work: (database: Database, config: Config) => Promise<T>,
): Promise<T> {
  const config = openConfig(process)
  const database = await openDatabase(config.database)
  try {
    return await work(database, config)
  } finally {
    await database.close()
  }
}

export interface OpenedApp {
  readonly app: App
  readonly database: Database
  close(): Promise<void>
}

/** Opens everything a server needs; `parts` as `createApp` takes them. */
export async function openApp(
  config: Config,
  log: Logger,
  parts: Pick<AppParts, 'duties' | 'metrics'> = {},
): Promise<OpenedApp> {
  const database = await openDatabase(config.database)
  const blobs = await openStore(config.packages).catch(async (error: unknown) => {
    await database.close()
    throw error
  })
  const secretKey = config.secretKey ?? loadOrCreateSecretKey(config.secretKeyPath)
  const app = createApp({ ...parts, config, database, blobs, secretKey, log })
  return {
    app,
    database,
    async close() {
      await app.stop()
      await blobs.close()
      await database.close()
    },
  }
}
