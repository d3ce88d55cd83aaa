/** The tables of upstreams and of what is kept of them. */
import type { Generated } from 'kysely'

/** A registry elsewhere that those here fill from: of a project, a group, or (neither) the instance. */
export interface Upstreams {
  id: Generated<number>
  group_id: number | null
  project_id: number | null
  format: string
  /** Those of one place and format are asked in this order. */
  position: number
  name: string
  /** Without a slash at its end. */
  url: string
  /** Shown; null: none, or a bearer token. */
  username: string | null
  /** Sealed: a password or, without a username, a bearer token. */
  credential: string | null
  /** For how long its documents are fresh. */
  ttl_seconds: number
  /** JSON: patterns of names that it is asked for; empty: all. */
  include: string
  /** JSON: patterns of names that it is never asked for. */
  exclude: string
  /** What nobody used for so long is no longer kept; null: it stays. */
  keep_days_unused: number | null
  /** The most that is kept; what was used longest ago goes first; null: no limit. */
  max_bytes: number | null
  /** Whether callers without a credential may make it be asked. */
  anonymous_fill: number
  /** It is not asked: only what is kept answers. */
  offline: number
  /** It also adds versions to names that an upstream before it has. */
  mixes: number
  /** `configuration`: kept equal to the configuration file, by nobody else. */
  source: 'hand' | 'configuration'
  created_at: number
  updated_at: number
  /** It answers no more; a job forgets what was kept of it. */
  deleted_at: number | null
}
/** From this group upwards nobody looks for upstreams of the format. */
export interface UpstreamStops {
  group_id: number
  format: string
}
/** What an upstream answered about names, as it came. */
export interface UpstreamDocuments {
  id: Generated<number>
  upstream_id: number
  /** What was asked for: path and media type. */
  key: string
  blob_id: number
  /** How the kept bytes are compressed. */
  encoding: 'identity' | 'gzip'
  etag: string | null
  last_modified: string | null
  /** Counts changes of the bytes. */
  revision: number
  changed_at: number
  /** When the upstream last said that this is what it has. */
  checked_at: number
  last_used_at: number
}
/** A file of an upstream. */
export interface UpstreamFiles {
  id: Generated<number>
  upstream_id: number
  /** In our registries. */
  path: string
  /** Normalised. */
  name: string
  version: string | null
  blob_id: number
  kept_at: number
  last_used_at: number
}
/** What a file from upstream was when it was first seen below a top-level group; other bytes never take its place. */
export interface UpstreamPins {
  id: Generated<number>
  /** 0: registries of the whole instance. */
  root_id: number
  format: string
  path: string
  name: string
  version: string | null
  /** JSON: by algorithm. */
  digests: string
  first_seen_at: number
  /** When an upstream last offered other bytes, and which. */
  refused_at: number | null
  refused_digests: string | null
}
/** Who is fetching what now. A holder that makes no progress is overtaken, and what it brings then is refused. */
export interface UpstreamFetches {
  key: string
  holder: string
  /** Counts holders. */
  fence: number
  /** By the database's clock. */
  progress_at: number
}
