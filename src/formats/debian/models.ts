/** The metadata models: what is kept of a file's own words, and what owners set for a suite. */
import type { Paragraph } from './control.ts'
import type { BinaryKind } from './file-names.ts'

export interface DebianModels {
  readonly file: StoredFile
  readonly index: StoredSettings
}
export const binaryKinds: readonly BinaryKind[] = ['deb', 'udeb', 'ddeb']
/** `source`: what a .dsc names. */
export type Kind = BinaryKind | 'dsc' | 'source' | 'changes' | 'buildinfo'
const kinds: readonly unknown[] = [...binaryKinds, 'dsc', 'source', 'changes', 'buildinfo'] satisfies Kind[]
export interface StoredFile {
  readonly v: 1
  readonly kind: Kind
  /** The key of the suite that it stands in. */
  readonly distribution: string
  readonly component: string
  /** Of a binary package. */
  readonly architecture?: string
  /** Of a binary package and of a .dsc. */
  readonly fields?: Paragraph
  /** Of a .dsc, which does not say these itself. */
  readonly section?: string
  readonly priority?: string
}
export interface StoredSettings {
  readonly v: 1
  readonly origin?: string
  readonly label?: string
  readonly version?: string
  readonly description?: string
  /** How long a signed set is valid. */
  readonly validSeconds?: number
  readonly components: readonly string[]
  readonly architectures: readonly string[]
  /** False: apt installs from here only what is asked for by name (`NotAutomatic`). */
  readonly automatic: boolean
  /** Whether apt then upgrades what was installed from here (`ButAutomaticUpgrades`). */
  readonly automaticUpgrades: boolean
  /** Whether there is an index of the paths that packages bring; left out: no. */
  readonly contents?: boolean
}

export function decodeFile(value: unknown): StoredFile {
  const { kind, distribution, component, architecture, fields, section, priority } = versioned(value)
  const areTexts = typeof distribution === 'string' && typeof component === 'string'
  const areOptional = [architecture, section, priority].every(isOptionalText)
  if (!kinds.includes(kind) || !areTexts || !areOptional || !areFields(fields))
    throw new Error('not the stored metadata of a file')
  return value as StoredFile
}

export function decodeSettings(value: unknown): StoredSettings {
  const { components, architectures, automatic, automaticUpgrades, contents, ...texts } = versioned(value)
  const { origin, label, version, description, validSeconds } = texts
  const isWhole =
    [origin, label, version, description].every(isOptionalText) &&
    [components, architectures].every(areTexts) &&
    [automatic, automaticUpgrades, contents ?? false].every((flag) => typeof flag === 'boolean') &&
    (validSeconds === undefined || Number.isSafeInteger(validSeconds))
  if (!isWhole) throw new Error('not the stored settings of a suite')
  return value as StoredSettings
}

function versioned(value: unknown): Readonly<Record<string, unknown>> {
  const isOurs = typeof value === 'object' && value !== null && 'v' in value && value.v === 1
  if (!isOurs) throw new Error('not a stored Debian model')
  return value as Readonly<Record<string, unknown>>
}

const isOptionalText = (value: unknown) => value === undefined || typeof value === 'string'
const areTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string')
const areFields = (value: unknown) =>
  value === undefined || (Array.isArray(value) && value.every((pair) => areTexts(pair) && pair.length === 2))

/** Whether this is a package that apt or debian-installer installs. */
export const isBinary = (kind: string): kind is BinaryKind =>
  (binaryKinds as readonly string[]).includes(kind)
