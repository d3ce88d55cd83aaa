/** The tables of what owners of groups and projects rule about names and publications. */
import type { Generated } from 'kysely'

/** Settings of a group for one format, inherited by what is below. */
export interface PackageSettings {
  group_id: number
  format: string
  duplicates: 'never' | 'allowed'
  /** A pattern of names or versions for which the opposite holds. */
  exception: string | null
}
/** Who may publish or remove a project's packages whose names match, beyond what roles allow. */
export interface ProtectionRules {
  id: Generated<number>
  project_id: number
  format: string
  /** `*` stands for any text. */
  pattern: string
  /** The least role, 60 for administrators; null: no rule about publishing. */
  push_level: number | null
  /** The same for removing. */
  delete_level: number | null
  only_by: 'trusted_publishers' | null
  created_at: number
}
/** Which packages of a project, or of all below a group, leave by themselves. */
export interface RetentionRules {
  id: Generated<number>
  project_id: number | null
  group_id: number | null
  /** What it is called where it is said why a package went. */
  name: string
  enabled: number
  /** Null: every format. */
  format: string | null
  /** `*` stands for any text. */
  name_pattern: string
  version_pattern: string
  stability: 'any' | 'release' | 'prerelease'
  /** So many of the newest versions of a name stay; null: as old as `older_than_days` is enough to go. */
  keep_n: number | null
  /** Younger ones stay; null: not being among the newest is enough. Both null: what the rule matches stays for ever. */
  older_than_days: number | null
  /** What age counts from: the last file published in the package, or its last download, if that is later. */
  age_from: 'publication' | 'download'
  created_at: number
  updated_at: number
}
/** Of files of one package that are builds of the same file a project keeps so many, the newest. */
export interface CleanupPolicies {
  project_id: number
  keep_n_duplicated_files: number
}
/** Below this group the name belongs to this project, whoever published it first. */
export interface NameOwners {
  group_id: number
  format: string
  key: string
  project_id: number
}
/** Names that nobody takes from upstream, and that only one project may publish first, if it says which. */
export interface NameReservations {
  id: Generated<number>
  /** A top-level group. */
  group_id: number
  format: string
  pattern: string
  project_id: number | null
  created_at: number
  /** What a name must have for the pattern to match it (`pattern-anchor.ts`); empty: an older node made the row. */
  anchor: Generated<string>
}
/** Names that several projects below the group answer for together. */
export interface NameMixing {
  id: Generated<number>
  group_id: number
  format: string
  pattern: string
  /** JSON: their numbers, the first to answer first. */
  project_ids: string
  created_at: number
}
