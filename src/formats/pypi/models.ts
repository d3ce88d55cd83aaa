/** The metadata models: what is kept of core metadata with a release, of its files, and of a project as a whole. */
export interface PypiModels {
  readonly package: StoredRelease
  readonly file: StoredFile
  readonly name: StoredProject
}
/** Fields of core metadata by their names in PyPI's forms and JSON: `requires_dist`, `classifiers`. */
export type CoreMetadata = Readonly<Record<string, string | readonly string[]>>
/** Those that occur once. */
export const singleFields = [
  'metadata_version',
  'name',
  'version',
  'summary',
  'description',
  'description_content_type',
  'keywords',
  'home_page',
  'download_url',
  'author',
  'author_email',
  'maintainer',
  'maintainer_email',
  'license',
  'license_expression',
  'requires_python',
]
export interface StoredRelease {
  readonly v: 1
  readonly metadata: CoreMetadata
}
export interface StoredFile {
  readonly v: 1
  /** `metadata` and `provenance` belong to the file whose path theirs extends. */
  readonly kind: 'wheel' | 'sdist' | 'metadata' | 'provenance'
  readonly requiresPython?: string
  /** Withdrawn by itself (PEP 592), for this reason, which may be empty. */
  readonly yanked?: string
}
export interface StoredProject {
  readonly v: 1
  readonly status: ProjectStatus
  readonly reason?: string
}
/** PEP 792. */
export const projectStatuses = ['active', 'archived', 'quarantined', 'deprecated'] as const
export type ProjectStatus = (typeof projectStatuses)[number]

/** A release has no metadata before the first publication. */
export function decodeRelease(value: unknown): StoredRelease {
  if (value === undefined) return { v: 1, metadata: {} }
  const stored = versioned(value)
  if (!isObject(stored['metadata'])) throw new Error('not the stored metadata of a release')
  return value as StoredRelease
}

const kinds: readonly unknown[] = ['wheel', 'sdist', 'metadata', 'provenance']

export function decodeFile(value: unknown): StoredFile {
  const { kind, requiresPython, yanked } = versioned(value)
  if (!kinds.includes(kind) || !isOptionalText(requiresPython) || !isOptionalText(yanked))
    throw new Error('not the stored metadata of a file')
  return value as StoredFile
}

export function decodeProject(value: unknown): StoredProject {
  const { status, reason } = versioned(value)
  if (!(projectStatuses as readonly unknown[]).includes(status) || !isOptionalText(reason))
    throw new Error('not the stored status of a project')
  return value as StoredProject
}

function versioned(value: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(value) || value['v'] !== 1) throw new Error('not a stored PyPI model')
  return value
}

const isOptionalText = (value: unknown) => value === undefined || typeof value === 'string'

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text of a field that occurs once. */
export function textOf(metadata: CoreMetadata, field: string): string | undefined {
  const value = metadata[field]
  return typeof value === 'string' ? value : undefined
}

/** The texts of a field that may occur many times. */
export function textsOf(metadata: CoreMetadata, field: string): readonly string[] {
  const value = metadata[field]
  return Array.isArray(value) ? value : []
}
