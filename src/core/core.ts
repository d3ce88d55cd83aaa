import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Database } from '../database/database.ts'
import type { Format } from '../formats/format.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import type { DocumentCache } from './documents/cache.ts'
import type { InsidesReader } from './documents/insides/reader.ts'
import type { RunCache } from './documents/sets/run-cache.ts'
import type { FileCache } from './bytes/file-cache.ts'
import type { Rooms } from './policy/room.ts'
import type { Freshness } from './freshness/freshness.ts'
import type { KeptRecords } from './freshness/kept.ts'
import type { Downloads } from './records/downloads.ts'
import type { NotedTimes } from './records/noted-times.ts'
import type { Limits } from './access/limits.ts'
import type { Refusals } from './access/refusals.ts'
import type { Issuers } from './access/trusts/issuers.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Egress } from './egress/egress.ts'
import type { UpstreamState } from './upstream/state.ts'

/** Milliseconds since 1970. Injected, so that tests decide what time it is. */
export type Clock = () => number

/** What every part of the core works with; made once by `createApp`. */
export interface Core {
  /** As it is now: some of it changes on SIGHUP, so whoever keeps a part of it keeps an old one. */
  readonly config: Config
  readonly database: Database
  readonly blobs: BlobStore
  readonly clock: Clock
  /** Seals what must be read back, and signs what only we may have made. */
  readonly secretKey: string
  readonly log: Logger
  /** By id. */
  readonly formats: ReadonlyMap<string, Format<any>>
  readonly freshness: Freshness
  readonly kept: KeptRecords
  readonly documents: DocumentCache
  /** Of joined indexes. */
  readonly runs: RunCache
  readonly insides: InsidesReader
  readonly files: FileCache
  /** By package id. */
  readonly downloads: Downloads
  /** By token id. */
  readonly tokenUses: NotedTimes
  readonly egress: Egress
  readonly upstreams: UpstreamState
  /** Of ID tokens. */
  readonly issuers: Issuers
  readonly limits: Limits
  readonly metrics: Metrics
  /** Of the disk on which packages are stored; undefined where they are in a bucket. */
  readonly diskSpace: (() => Promise<{ readonly free: number }>) | undefined
  /** For uploads: of quotas and of the disk. */
  readonly rooms: Rooms
  readonly refusals: Refusals
}
