/**
 * The tables. Times are milliseconds since 1970 in UTC; booleans are 0 and 1; JSON is text that its owner encodes.
 * Nothing in the core reads a `metadata` column: it belongs to the format.
 */
import type { Generated, Selectable } from 'kysely'
import type { JobRequests, Jobs } from './schema-jobs.ts'
import type {
  CleanupPolicies,
  NameMixing,
  NameOwners,
  NameReservations,
  PackageSettings,
  ProtectionRules,
  RetentionRules,
} from './schema-policy.ts'
import type { Blobs, ReleasedBlobs, UsageChanges } from './schema-storage.ts'
import type {
  Entries,
  FileInsides,
  HeldBlobs,
  IndexRevisions,
  IndexRuns,
  IndexSetParts,
  IndexSets,
  IndexSettings,
  InsideIndexes,
  InsideIndexProjects,
  SigningKeys,
} from './schema-indexes.ts'
import type {
  UpstreamDocuments,
  UpstreamFetches,
  UpstreamFiles,
  UpstreamPins,
  Upstreams,
  UpstreamStops,
} from './schema-upstreams.ts'

export type Visibility = 'private' | 'internal' | 'public'
/** Who may pull from a project: as its visibility says, anyone, or nobody (registry switched off). */
export type PackagesAccess = 'enabled' | 'public' | 'disabled'
export type PackageStatus =
  | 'default'
  | 'deprecated'
  | 'hidden'
  | 'processing'
  | 'error'
  | 'pending_destruction'

interface Users {
  id: Generated<number>
  username: string
  /** Lower case, unique. */
  username_key: string
  name: string
  password_hash: string | null
  admin: number
  state: 'active' | 'blocked'
  created_at: number
}
interface Tokens {
  id: Generated<number>
  kind: 'personal' | 'project' | 'group' | 'deploy' | 'job'
  /** Whose a personal token is; null for the others, which stand on a group or project. */
  user_id: number | null
  group_id: number | null
  project_id: number | null
  /** What a project, group or deploy token acts as; null for personal ones, and for jobs (their trust says it). */
  role: number | null
  /** A deploy token's user name; how a job is shown. */
  username: string | null
  /** The trust a job's token came from. */
  trust_id: number | null
  created_by: number | null
  name: string
  /** sha256 of the token; the token itself is shown once and never stored. */
  hash: string
  /** Space separated. */
  scopes: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
  revoked_at: number | null
}
/** A project or group that believes an OIDC issuer about who a job is. */
interface Trusts {
  id: Generated<number>
  group_id: number | null
  project_id: number | null
  name: string
  issuer: string
  /** JSON: claim to pattern; all must match. */
  conditions: string
  role: number
  /** Space separated. */
  scopes: string
  /** JSON: name patterns that the job may write; null: all. */
  name_patterns: string | null
  created_by: number | null
  created_at: number
}
/** ID tokens that were exchanged: each works once. Kept until they could not be exchanged any more anyway. */
interface UsedIdTokens {
  /** sha256 of issuer and `jti` (or of the whole token where it has none). */
  hash: string
  expires_at: number
}
interface Sessions {
  hash: string
  user_id: number
  created_at: number
  expires_at: number
}
/** Who a user is at an OpenID provider. */
interface Identities {
  id: Generated<number>
  user_id: number
  issuer: string
  /** The provider's own name for the person, which never changes. Unique per issuer. */
  subject: string
  created_at: number
  /** When the person last signed in that way. */
  confirmed_at: number
}
/** One-time links: setup, invitation, password reset. */
interface Links {
  hash: string
  purpose: 'setup' | 'invitation' | 'password'
  user_id: number | null
  expires_at: number
}
interface Groups {
  id: Generated<number>
  parent_id: number | null
  /** The top-level group above (or itself). */
  root_id: number
  name: string
  path: string
  full_path: string
  description: string
  visibility: Visibility
  /** Of a top-level group: counts the changes of who answers for names below it. */
  names_revision: Generated<number>
  created_at: number
  deleted_at: number | null
  /** The sizes of all files below, in bytes; kept up to date only where there is a limit. */
  packages_size: Generated<number>
  /** The most that may be; null: no limit. */
  packages_size_limit: number | null
}
/** Every group with each of its ancestors, itself included. */
interface GroupTree {
  ancestor_id: number
  group_id: number
}
interface Projects {
  id: Generated<number>
  group_id: number
  root_id: number
  name: string
  path: string
  full_path: string
  description: string
  visibility: Visibility
  packages_access: PackagesAccess
  created_at: number
  deleted_at: number | null
  /** The sizes of the files of all packages that are not purged, in bytes. */
  packages_size: Generated<number>
  /** The most that may be; null: no limit. */
  packages_size_limit: number | null
}
/** Groups and projects share one namespace, compared case-insensitively. `gone`: held packages, not given out again. */
interface Paths {
  key: string
  group_id: number | null
  project_id: number | null
  state: 'held' | 'gone'
}
interface Members {
  id: Generated<number>
  user_id: number
  group_id: number | null
  project_id: number | null
  /** 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner. */
  role: number
  /** `sso`: given by single sign-on, which changes and takes it by itself. */
  source: Generated<'hand' | 'sso'>
  created_at: number
  expires_at: number | null
}
/** A name that a project published first at `created_at`; the row outlives its packages and settles ownership. */
interface Names {
  id: Generated<number>
  project_id: number
  root_id: number
  format: string
  /** Normalised; unique per project and format. */
  key: string
  name: string
  /** Counts every change under the name. */
  revision: number
  metadata: string | null
  created_at: number
  changed_at: number
}
interface Packages {
  id: Generated<number>
  project_id: number
  name_id: number
  format: string
  version: string
  /** Normalised; unique per name among packages that are not pending destruction. */
  version_key: string
  status: PackageStatus
  /** The status a removed package had, and gets back when it is restored. */
  status_before: PackageStatus | null
  status_message: string | null
  withdrawn: Generated<number>
  metadata: string | null
  creator_id: number | null
  created_at: number
  updated_at: number
  last_downloaded_at: number | null
  removed_at: number | null
}
interface Files {
  id: Generated<number>
  package_id: number
  project_id: number
  format: string
  /** Inside the registry; unique per project and format among live files. */
  path: string
  blob_id: number
  /** 0 once the file or its package was removed. */
  live: number
  metadata: string | null
  created_at: number
  removed_at: number | null
}
interface Tags {
  id: Generated<number>
  name_id: number
  tag: string
  package_id: number
  changed_at: number
}
/** What remains of a removed version: its digests, so that it comes back only with the same bytes. */
interface Tombstones {
  id: Generated<number>
  name_id: number
  version: string
  version_key: string
  /** JSON: path to sha256. */
  digests: string
  removed_at: number
}
interface Events {
  id: Generated<number>
  /** The number of the transaction that wrote it, where several write at once; 0 on SQLite. */
  transaction: Generated<number>
  at: number
  kind: string
  /** Where it happened: in a project, on a group itself, or (neither) on the instance. */
  project_id: number | null
  group_id: number | null
  format: string | null
  name: string | null
  version: string | null
  user_id: number | null
  token_id: number | null
  /** Who it was, as shown: a user name, or what a token without a user is called. */
  actor: string | null
  address: string | null
  request_id: string | null
  detail: string | null
}
/** An address that is told what happens in a project, or in and below a group. */
interface Webhooks {
  id: Generated<number>
  group_id: number | null
  project_id: number | null
  name: string
  url: string
  /** Sealed; null: deliveries are not signed. */
  secret: string | null
  /** Space separated names of what it is told of, such as `package_events`. */
  events: string
  enabled: number
  /** The last event that was dealt with (delivered, or none of its kinds): its number and that of its transaction. */
  cursor: number
  cursor_transaction: Generated<number>
  /** How many deliveries failed in a row. */
  failures: Generated<number>
  last_at: number | null
  last_status: number | null
  last_error: string | null
  created_at: number
}
/** How often a package was downloaded on a day, counted from 1970; day 0 stands for all days that are long past. */
interface PackageDownloads {
  package_id: number
  day: number
  count: number
}
/** Who keeps collection from deleting bytes, and until when by the database's clock. */
interface CollectionHolds {
  id: string
  /** What people are told. */
  holder: string
  created_at: number
  expires_at: number
}
/** Facts about this installation, such as which secret key seals its secrets. */
interface Instance {
  key: string
  value: string
}

export interface Schema {
  instance: Instance
  users: Users
  tokens: Tokens
  trusts: Trusts
  used_id_tokens: UsedIdTokens
  sessions: Sessions
  identities: Identities
  links: Links
  groups: Groups
  group_tree: GroupTree
  projects: Projects
  paths: Paths
  members: Members
  names: Names
  packages: Packages
  files: Files
  blobs: Blobs
  released_blobs: ReleasedBlobs
  usage_changes: UsageChanges
  tags: Tags
  tombstones: Tombstones
  entries: Entries
  index_revisions: IndexRevisions
  events: Events
  webhooks: Webhooks
  jobs: Jobs
  collection_holds: CollectionHolds
  job_requests: JobRequests
  package_downloads: PackageDownloads
  package_settings: PackageSettings
  protection_rules: ProtectionRules
  retention_rules: RetentionRules
  cleanup_policies: CleanupPolicies
  name_owners: NameOwners
  name_reservations: NameReservations
  name_mixing: NameMixing
  upstreams: Upstreams
  upstream_stops: UpstreamStops
  upstream_documents: UpstreamDocuments
  upstream_files: UpstreamFiles
  upstream_pins: UpstreamPins
  upstream_fetches: UpstreamFetches
  index_settings: IndexSettings
  signing_keys: SigningKeys
  index_sets: IndexSets
  index_set_parts: IndexSetParts
  index_runs: IndexRuns
  held_blobs: HeldBlobs
  file_insides: FileInsides
  inside_indexes: InsideIndexes
  inside_index_projects: InsideIndexProjects
}

export type UserRow = Selectable<Users>
export type TokenRow = Selectable<Tokens>
export type TrustRow = Selectable<Trusts>
export type GroupRow = Selectable<Groups>
export type ProjectRow = Selectable<Projects>
export type LinkRow = Selectable<Links>
export type MemberRow = Selectable<Members>
export type NameRow = Selectable<Names>
export type PackageRow = Selectable<Packages>
export type FileRow = Selectable<Files>
export type BlobRow = Selectable<Blobs>
export type JobRow = Selectable<Jobs>
export type EventRow = Selectable<Events>
export type WebhookRow = Selectable<Webhooks>
export type ProtectionRuleRow = Selectable<ProtectionRules>
export type RetentionRuleRow = Selectable<RetentionRules>
export type NameReservationRow = Selectable<NameReservations>
export type NameMixingRow = Selectable<NameMixing>
export type UpstreamRow = Selectable<Upstreams>
export type UpstreamDocumentRow = Selectable<UpstreamDocuments>
export type UpstreamFileRow = Selectable<UpstreamFiles>
export type UpstreamPinRow = Selectable<UpstreamPins>
export type IndexSettingsRow = Selectable<IndexSettings>
export type SigningKeyRow = Selectable<SigningKeys>
export type IndexSetPartRow = Selectable<IndexSetParts>
export type InsideIndexRow = Selectable<InsideIndexes>
