/** The tables of indexes, of signed sets of them, of the keys that sign these, and of bytes that wait for their publication. */
import type { Generated } from 'kysely'

/** What index documents are joined from. */
export interface Entries {
  id: Generated<number>
  project_id: number
  package_id: number
  format: string
  rule: string
  key: string
  /** Of a set of indexes: which of them; else empty. */
  list: Generated<string>
  entry_id: string
  text: string
}
/** The freshness of one key of an index document in one project. */
export interface IndexRevisions {
  project_id: number
  format: string
  rule: string
  key: string
  revision: number
  changed_at: number
}

/** What owners set for one index of a set: of a project or a group. */
export interface IndexSettings {
  id: Generated<number>
  group_id: number | null
  project_id: number | null
  format: string
  rule: string
  key: string
  /** Another key that answers for the same index. */
  alias: string | null
  /** JSON: the format's model. */
  settings: string
  revision: number
  created_at: number
  updated_at: number
}

/** An OpenPGP key of a project, a group, or (neither) the instance. Those that are not retired sign together. */
export interface SigningKeys {
  id: Generated<number>
  group_id: number | null
  project_id: number | null
  format: string
  /** Upper-case hexadecimal. */
  fingerprint: string
  /** Armored. */
  public_key: string
  /** Sealed, binary. */
  private_key: string
  source: 'generated' | 'imported'
  created_at: number
  retired_at: number | null
}

/** A set as one state of the records showed it to one view. */
export interface IndexSets {
  id: Generated<number>
  /** Of which registry, rule and key it is. */
  scope: string
  view: string
  stamp: string
  created_at: number
}

/** One part of a set: its own text, or that of runs. */
export interface IndexSetParts {
  id: Generated<number>
  set_id: number
  path: string
  /** A path that names these bytes whatever set is shown now. */
  lasting: string | null
  content_type: string
  /** JSON. */
  headers: string
  form: 'text' | 'plain' | 'gzip' | 'zstd'
  /** Of the form 'text'. */
  text: string | null
  /** Of the other forms: JSON, the numbers of the runs, in their order. */
  runs: string | null
  size: number
  sha256: string
}

/** A stretch of a joined index, compressed as a member of its own; shared by all sets in which it stands. */
export interface IndexRuns {
  id: Generated<number>
  /** Of the uncompressed bytes. */
  sha256: string
  gzip: Uint8Array
  zstd: Uint8Array
  used_at: number
}

/** Bytes that came before the publication that will name them. */
export interface HeldBlobs {
  id: Generated<number>
  project_id: number
  format: string
  /** Who sent them. */
  holder: string
  under: string
  blob_id: number
  held_at: number
}

/** What was read inside of a file, for indexes of that: a function of its bytes. */
export interface FileInsides {
  id: Generated<number>
  blob_id: number
  format: string
  rule: string
  /** Zstandard: a label, and under it items, sorted, one in a line. Empty where the file could not be read. */
  text: Uint8Array
  /** Of the text, uncompressed, in bytes. */
  size: number
  /** Why the file could not be read. */
  problem: string | null
}

/** The indexes of insides that one view of a set shows, as they were last made. */
export interface InsideIndexes {
  id: Generated<number>
  group_id: number | null
  project_id: number | null
  format: string
  rule: string
  key: string
  /** As of the set. */
  scope: string
  view: string
  /** Which state of the records they show; null: they were never made. */
  stamp: string | null
  /** JSON: what is known of each list's text, and the numbers of its runs. */
  lists: string
  /** How often they were made. */
  revision: number
  made_at: number
}

/** The projects of a view, for the job, which is nobody. */
export interface InsideIndexProjects {
  index_id: number
  project_id: number
}
