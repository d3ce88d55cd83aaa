/** Puts the server together: plain functions, no container. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { loadConfig, type Config, type ConfigSources } from './config/config.ts'
import { createLimits } from './core/access/limits.ts'
import { createRefusals } from './core/access/refusals.ts'
import { createIssuers } from './core/access/trusts/issuers.ts'
import { createFileCache } from './core/bytes/file-cache.ts'
import type { Clock, Core } from './core/core.ts'
import { createDocumentCache } from './core/documents/cache.ts'
import { createFreshness } from './core/freshness/freshness.ts'
import { createKeptRecords } from './core/freshness/kept.ts'
import { sweepLeftovers } from './core/publish/sweep.ts'
import { checkRestored, checkSecretKey } from './core/records/instance.ts'
import { createDownloads, createTokenUses } from './core/records/noted-times.ts'
import { configuredEgress } from './core/upstream/configured-egress.ts'
import type { Database } from './database/database.ts'
import { formats } from './formats/index.ts'
import { createDispatcher } from './http/dispatch.ts'
import { collect } from './jobs/collect.ts'
import { webhookDeliveries } from './jobs/deliver-webhooks.ts'
import { forgetExpired } from './jobs/forget-expired.ts'
import { purge } from './jobs/purge.ts'
import { sweep } from './jobs/sweep.ts'
import { retainProject, retention } from './jobs/retention.ts'
import { createRoutines, prepareRoutines } from './jobs/routines.ts'
import { createWorker, joinWorkers, type Worker } from './jobs/worker.ts'
import type { BlobStore } from './storage/blob-store.ts'

/** What the app is made of; tests put in what they like. */
export interface AppParts {
  readonly config: Config
  readonly database: Database
  readonly blobs: BlobStore
  readonly secretKey: string
  readonly clock?: Clock
  readonly log: Logger
}

export interface App {
  readonly core: Core
  readonly worker: Worker
  /** Answers one request of a `node:http` server. */
  handle(req: IncomingMessage, res: ServerResponse, sendContinue: () => void): Promise<void>
  /** Sweeps what an earlier run left behind and, unless the configuration says others do, begins to work off jobs. */
  start(): Promise<void>
  /** Only works off jobs: beside servers, whose uploads are under way. */
  startWorker(): Promise<void>
  /** Ends what was started. The database and the store stay open: who opened them closes them. */
  stop(): Promise<void>
}

/** Reads the configuration with the sections of all formats. Throws as `loadConfig` does. */
export function configure(sources: Omit<ConfigSources, 'formats'>): Config {
  return loadConfig({ ...sources, formats })
}

/** Whether nothing but this process writes to the store, so that whatever is unfinished at its start stays so. */
function ownsItsStore({ database, packages }: Config): boolean {
  return database.kind === 'sqlite' && packages.objectStore === undefined
}

const keptBytes = 32 * 1024 * 1024

/** Makes an app of its parts; nothing runs before `start`. */
export function createApp({ config, database, blobs, secretKey, clock = Date.now, log }: AppParts): App {
  const egress = configuredEgress(config.egress)
  const core: Core = {
    config,
    database,
    blobs,
    secretKey,
    clock,
    log,
    formats: new Map(formats.map((format) => [format.id, format])),
    freshness: createFreshness(() => database.changes()),
    kept: createKeptRecords(keptBytes, clock),
    documents: createDocumentCache(config.cache.documentsBytes),
    files: createFileCache(blobs, config.cache.filesBytes),
    downloads: createDownloads(),
    tokenUses: createTokenUses(),
    egress,
    issuers: createIssuers({ egress, internal: config.trusts.internalIssuers, clock }),
    limits: createLimits(config, clock),
    refusals: createRefusals(clock),
  }
  const deliveries = webhookDeliveries()
  const worker = joinWorkers([
    createWorker(core, [purge, collect, forgetExpired, sweep, retention, retainProject]),
    createWorker(core, [deliveries]),
    createWorker(core, [deliveries]),
  ])
  const routines = createRoutines(core)
  return {
    core,
    worker,
    handle: createDispatcher(core),
    async start() {
      await checkRestored(database.read)
      await database.write((db) => checkSecretKey(db, secretKey))
      const swept = await sweepLeftovers(core, ownsItsStore(config) ? 0 : config.packages.sweepAfter)
      if (swept.deleted > 0) log.info(swept, 'removed what an interrupted run had left in storage')
      await prepareRoutines(core)
      if (config.jobs.inServer) await worker.start()
      for (const routine of routines) routine.start()
    },
    async startWorker() {
      await checkRestored(database.read)
      await database.write((db) => checkSecretKey(db, secretKey))
      await worker.start()
    },
    async stop() {
      await worker.stop()
      for (const routine of routines) await routine.stop()
    },
  }
}
