/** Puts the server together: plain functions, no container. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import { loadConfig, type Config, type ConfigSources } from './config/config.ts'
import { liveConfig, type ConfigChanges, type LiveConfig } from './config/live-config.ts'
import { createLimits } from './core/access/limits.ts'
import { createRefusals } from './core/access/refusals.ts'
import { createIssuers } from './core/access/trusts/issuers.ts'
import { createFileCache } from './core/bytes/file-cache.ts'
import type { Clock, Core } from './core/core.ts'
import { createDocumentCache } from './core/documents/cache.ts'
import { createInsidesReader } from './core/documents/insides/reader.ts'
import { createRunCache } from './core/documents/sets/run-cache.ts'
import { createMetrics } from './core/metrics/metrics.ts'
import { createFreshness } from './core/freshness/freshness.ts'
import { createKeptRecords } from './core/freshness/kept.ts'
import { createDiskFloor } from './core/policy/disk-floor.ts'
import { createRooms } from './core/policy/room.ts'
import { sweepLeftovers } from './core/publish/sweep.ts'
import { checkRestored, checkSecretKey } from './core/records/instance.ts'
import { createDownloads } from './core/records/downloads.ts'
import { adoptMovedEvents } from './core/records/moved-events.ts'
import { createTokenUses } from './core/records/noted-times.ts'
import { adoptConfiguredUpstreams } from './core/upstream/settings/configured.ts'
import { configuredEgress } from './core/egress/configured-egress.ts'
import { createUpstreamState } from './core/upstream/state.ts'
import type { Database } from './database/database.ts'
import { measuredDatabase } from './database/measured.ts'
import { formats } from './formats/index.ts'
import { createDispatcher } from './http/dispatch.ts'
import { ownFamilies, writeMetrics } from './http/metrics.ts'
import { collect, findUnreferenced } from './jobs/collect.ts'
import { countUsage, sumUp } from './jobs/count-usage.ts'
import { webhookDeliveries } from './jobs/deliver-webhooks.ts'
import { foldOldDownloads } from './jobs/fold-downloads.ts'
import { forgetExpired } from './jobs/forget-expired.ts'
import { forgetHolds } from './jobs/forget-holds.ts'
import { purge } from './jobs/purge.ts'
import { sweep } from './jobs/sweep.ts'
import { retainProject, retention } from './jobs/retention.ts'
import { makeInsideIndexes } from './jobs/make-insides.ts'
import { trimIndexSets } from './jobs/trim-index-sets.ts'
import { trimUpstreams } from './jobs/trim-upstreams.ts'
import { createRoutines, prepareRoutines, type Duties } from './jobs/routines.ts'
import { createWorker, joinWorkers, type Worker } from './jobs/worker.ts'
import type { Family } from './lib/instruments.ts'
import type { BlobStore } from './storage/blob-store.ts'
import { readDiskSpace } from './storage/disk-space.ts'
import { measuredStore } from './storage/measured.ts'

/** What the app is made of; tests put in what they like. */
export interface AppParts {
  readonly config: Config
  readonly database: Database
  readonly blobs: BlobStore
  readonly secretKey: string
  readonly clock?: Clock
  readonly readSpace?: typeof readDiskSpace
  readonly log: Logger
  /** Default: everything. */
  readonly duties?: Duties
  /** The text of the metrics, where several processes serve together. Default: those of this one. */
  readonly metrics?: () => Promise<string>
}

export interface App {
  readonly core: Core
  /** Takes what can change at run time from a configuration that was read anew. */
  reconfigure(next: Config): ConfigChanges
  readonly worker: Worker
  /** Answers one request of a `node:http` server. */
  handle(req: IncomingMessage, res: ServerResponse, sendContinue: () => void): Promise<void>
  /** Sweeps what an earlier run left behind and, unless the configuration says others do, begins to work off jobs. */
  start(): Promise<void>
  /** Only works off jobs: beside servers, whose uploads are under way. */
  startWorker(): Promise<void>
  /** From now on `/-/readiness` says no; everything else goes on. */
  announceStop(): void
  /** What this process has measured. */
  families(): Promise<readonly Family[]>
  /** The text of that, together with what others have measured. */
  metrics(others: readonly (readonly Family[])[]): Promise<string>
  /** Ends what was started. The database and the store stay open: who opened them closes them. */
  stop(): Promise<void>
}

/** Reads the configuration with the sections of all formats. Throws as `loadConfig` does. */
export function configure(sources: Omit<ConfigSources, 'formats'>): Config {
  return loadConfig({ ...sources, formats })
}

/** The format with this id, for commands that open nothing. */
export const formatOf = (id: string) => formats.find((one) => one.id === id)

/** Whether nothing but this process writes to the store, so that whatever is unfinished at its start stays so. */
function ownsItsStore({ database, packages }: Config): boolean {
  return database.kind === 'sqlite' && packages.objectStore === undefined
}

/** What threads import that read long documents. */
const formatsModule = new URL('formats/index.ts', import.meta.url).href

/** Whether no other process answers requests from these records. */
const answersAlone = ({ database, workers }: Config) => database.kind === 'sqlite' && workers === 1

const keptBytes = 32 * 1024 * 1024

/** What lies on disks that publications fill. */
const disksOf = ({ packages, database }: Config) => [
  ...(packages.objectStore?.enabled ? [] : [packages.storagePath]),
  ...(database.kind === 'sqlite' ? [dirname(database.path)] : []),
]

/** A core whose configuration may change. */
type LiveCore = Core & { config: Config }

/** Everything that the parts of the core share, measured on the way. */
function createCore(
  { config, secretKey, clock = Date.now, log, readSpace = readDiskSpace, ...parts }: AppParts,
  live: LiveConfig,
): LiveCore {
  const metrics = createMetrics()
  const database = measuredDatabase(parts.database, (operation, seconds) =>
    metrics.databaseSeconds.observe(seconds, operation),
  )
  const blobs = measuredStore(parts.blobs, (operation, seconds, failed) => {
    metrics.storageSeconds.observe(seconds, operation)
    if (failed) metrics.storageErrors.add(1, operation)
  })
  const { minFree } = config.packages
  const egress = configuredEgress(config.egress)
  const byId = new Map(formats.map((format) => [format.id, format]))
  // No getter: what every request reads must stay as quick as a plain property.
  return {
    config,
    database,
    blobs,
    secretKey,
    clock,
    log,
    formats: byId,
    freshness: createFreshness(() => database.changes()),
    kept: createKeptRecords(keptBytes, clock),
    documents: createDocumentCache(config.cache.documentsBytes),
    runs: createRunCache(config.cache.documentsBytes / 2),
    insides: createInsidesReader(formatsModule),
    files: createFileCache(blobs, config.cache.filesBytes),
    downloads: createDownloads(),
    tokenUses: createTokenUses(),
    egress,
    upstreams: createUpstreamState(database, byId, { clock, formatsModule, isAlone: answersAlone(config) }),
    issuers: createIssuers({ egress, internal: config.trusts.internalIssuers, clock }),
    limits: createLimits(() => live.current.rateLimits, clock),
    metrics,
    diskSpace: config.packages.objectStore ? undefined : () => readSpace(config.packages.storagePath),
    refusals: createRefusals(clock),
    rooms: createRooms(createDiskFloor({ directories: disksOf(config), minFree, readSpace })),
  }
}

/** Some in a row of their own, so that what takes long holds up nothing else. */
function createJobWorker(core: Core): Worker {
  const deliveries = webhookDeliveries()
  return joinWorkers([
    createWorker(core, [purge, forgetExpired, forgetHolds, foldOldDownloads, sweep]),
    createWorker(core, [collect, findUnreferenced, countUsage, sumUp]),
    createWorker(core, [retention, retainProject]),
    createWorker(core, [trimUpstreams, trimIndexSets]),
    createWorker(core, [makeInsideIndexes]),
    createWorker(core, [deliveries]),
    createWorker(core, [deliveries]),
  ])
}

/** Throws `StartRefused` if these are not records that this server can work on. */
async function prepareRecords(core: Core): Promise<void> {
  const { database, secretKey } = core
  await checkRestored(database.read)
  await database.write(async (db) => {
    await checkSecretKey(db, secretKey)
    await adoptMovedEvents(db)
    await adoptConfiguredUpstreams(core, db)
  })
}

/** Makes an app of its parts; nothing runs before `start`. */
export function createApp(parts: AppParts): App {
  const { config, log, duties = 'everything' } = parts
  const live = liveConfig(config, formats)
  const core = createCore(parts, live)
  const worker = createJobWorker(core)
  const routines = createRoutines(core, duties)
  let isStopping = false
  const metricsOf: App['metrics'] = async (others) => writeMetrics(core, [await ownFamilies(core), ...others])
  return {
    core,
    reconfigure(next) {
      const changes = live.take(next)
      core.config = live.current
      return changes
    },
    worker,
    handle: createDispatcher(core, {
      isStopping: () => isStopping,
      metrics: parts.metrics ?? (() => metricsOf([])),
    }),
    announceStop() {
      isStopping = true
    },
    families: () => ownFamilies(core),
    metrics: metricsOf,
    async start() {
      await prepareRecords(core)
      if (duties !== 'requests') {
        const swept = await sweepLeftovers(core, ownsItsStore(config) ? 0 : config.packages.sweepAfter)
        if (swept.deleted > 0) log.info(swept, 'removed what an interrupted run had left in storage')
        await prepareRoutines(core)
        if (config.jobs.inServer) await worker.start()
      }
      for (const routine of routines) routine.start()
    },
    async startWorker() {
      await prepareRecords(core)
      await worker.start()
    },
    async stop() {
      await worker.stop()
      for (const routine of routines) await routine.stop()
      core.egress.close()
      await core.upstreams.stop()
      await core.insides.end()
    },
  }
}
