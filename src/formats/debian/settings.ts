/** What owners set for a suite: fields and answers of GitLab's "Debian distributions API". */
import { invalid } from '../../lib/problem.ts'
import { matching } from '../handlers.ts'
import type { IndexSettingsRule, IndexView } from '../format.ts'
import type { DebianModels, StoredSettings } from './models.ts'
import { checkArchitecture, checkComponent, checkSuite } from './suite-names.ts'

type Fields = Readonly<Record<string, unknown>>
type View = IndexView<DebianModels>

export const settingsRule: IndexSettingsRule<DebianModels> = {
  rule: 'suite',
  path: 'debian_distributions',
  read,
  json: ({ id, key, alias, settings }) => ({
    id,
    codename: key,
    suite: alias ?? null,
    origin: settings.origin ?? null,
    label: settings.label ?? null,
    version: settings.version ?? null,
    description: settings.description ?? null,
    valid_time_duration_seconds: settings.validSeconds ?? null,
    components: settings.components,
    architectures: settings.architectures,
    automatic: settings.automatic,
    automatic_upgrades: settings.automaticUpgrades,
    contents: settings.contents ?? false,
  }),
}

const fresh: StoredSettings = {
  v: 1,
  components: ['main'],
  architectures: ['all', 'amd64'],
  automatic: true,
  automaticUpgrades: false,
}

/** Fields that are left out stay what they are; null or '' unsets. */
function read(fields: Fields, before: View | undefined): Pick<View, 'key' | 'alias' | 'settings'> {
  const old = before?.settings ?? fresh
  const text = (field: string, kept: string | undefined, check: (value: string) => string) =>
    readText(fields, field, kept, check)
  const key = text('codename', before?.key, checkSuite)
  if (key === undefined) throw invalid('codename is missing')
  if (before && key !== before.key) throw invalid('the codename of a distribution cannot be changed')
  const alias = text('suite', before?.alias, checkSuite)
  if (alias === key)
    throw invalid('suite must differ from codename; leave it out where there is no other name')
  const texts = {
    origin: text('origin', old.origin, line('origin')),
    label: text('label', old.label, line('label')),
    version: text('version', old.version, line('version')),
    description: text('description', old.description, line('description')),
    validSeconds: readDuration(fields, old.validSeconds),
  }
  const settings: StoredSettings = {
    v: 1,
    ...Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined)),
    components: readNames(fields, 'components', old.components, checkComponent),
    architectures: readNames(fields, 'architectures', old.architectures, checkArchitecture),
    automatic: readFlag(fields, 'automatic', old.automatic),
    automaticUpgrades: readFlag(fields, 'automatic_upgrades', old.automaticUpgrades),
    contents: readFlag(fields, 'contents', old.contents ?? false),
  }
  return { key, alias, settings }
}

/** What stands in one line of a Release file. */
const line = (field: string) => matching(field, /^[^\s\p{C}](?:\P{C}*[^\s\p{C}])?$/u)

function readText(
  fields: Fields,
  field: string,
  kept: string | undefined,
  check: (value: string) => string,
): string | undefined {
  const value = fields[field]
  if (value === undefined) return kept
  if (value === null || value === '') return undefined
  if (typeof value !== 'string') throw invalid(`${field} is no text`)
  return check(value)
}

const day = 86_400
const tenYears = 3650 * day

function readDuration(fields: Fields, kept: number | undefined): number | undefined {
  const value = fields['valid_time_duration_seconds']
  if (value === undefined) return kept
  if (value === null || value === '') return undefined
  const seconds = Number(value)
  if (!Number.isSafeInteger(seconds) || seconds < day || seconds > tenYears)
    throw invalid(`valid_time_duration_seconds must be a whole number from ${day} to ${tenYears}`)
  return seconds
}

const mostNames = 50

function readNames(
  fields: Fields,
  field: string,
  kept: readonly string[],
  check: (name: string) => string,
): readonly string[] {
  const value = fields[field]
  if (value === undefined || value === null) return kept
  const names: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (names.length === 0 || names.length > mostNames)
    throw invalid(`${field} must be a list of 1 to ${mostNames} names`)
  const checked = names.map((name) => {
    if (typeof name !== 'string') throw invalid(`${field} must be a list of names`)
    return check(name)
  })
  return [...new Set(checked)]
}

function readFlag(fields: Fields, field: string, kept: boolean): boolean {
  const value = fields[field] ?? kept
  const flag = { true: true, false: false }[String(value)]
  if (flag === undefined) throw invalid(`${field} must be true or false`)
  return flag
}
