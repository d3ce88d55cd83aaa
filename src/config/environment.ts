/** Settings from the environment: `ENTREPOT_PACKAGES__RESTORE_DAYS` is `packages.restore_days`. */
import { z } from 'zod'
import { isSection, parseYaml } from './config-file.ts'
import { bare, keysOf, schemaAt, settingsOf } from './schema-walk.ts'
import { suggestion } from './suggestion.ts'

const prefix = 'ENTREPOT_'
/** Ours, but no settings: where the file is, and what the command line's REST commands use. */
const notSettings = new Set(['ENTREPOT_CONFIG', 'ENTREPOT_URL', 'ENTREPOT_TOKEN'])
const flags: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])
/** What Kubernetes sets in every container beside a service called `entrepot`. */
const serviceLink =
  /^ENTREPOT_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/

/** One variable that is set. */
export interface Variable {
  readonly name: string
  readonly path: readonly string[]
  /** Of the type its key wants, where the text can be read so. */
  readonly value: unknown
}

/** The variable for a key. */
export function variableName(path: readonly string[]): string {
  return prefix + path.join('__').toUpperCase()
}

/** Reads all variables that are set and not empty; those that belong to no key are in `problems`. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, schema: z.core.$ZodType) {
  const variables: Variable[] = []
  const problems: string[] = []
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || !text || notSettings.has(name) || serviceLink.test(name)) continue
    const path = name.slice(prefix.length).toLowerCase().split('__')
    const target = schemaAt(schema, path)
    if (!target || name !== name.toUpperCase()) problems.push(unknownVariable(name, schema))
    else variables.push({ name, path, value: valueOf(text, target, name) })
  }
  // A section first, then the single keys of it.
  variables.sort((a, b) => a.path.length - b.path.length)
  return { variables, problems }
}

function unknownVariable(name: string, schema: z.core.$ZodType): string {
  const known = settingsOf(schema).map(({ path }) => variableName(path))
  const near = suggestion(name.toUpperCase(), known)
  if (near) return `unknown variable ${name}: did you mean ${near}?`
  const sections = Object.keys(keysOf(schema) ?? {}).map((key) => prefix + key.toUpperCase())
  return `unknown variable ${name}: allowed are ${sections.join(', ')}, and '__' before a key inside one`
}

function valueOf(text: string, target: z.core.$ZodType, name: string): unknown {
  if (keysOf(target)) return parseYaml(text, name)
  const kind = bare(target)
  if (kind instanceof z.ZodArray)
    return text.trimStart().startsWith('[') ? parseYaml(text, name) : splitList(text)
  if (kind instanceof z.ZodNumber) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
  if (kind instanceof z.ZodBoolean) return flags.get(text) ?? text
  return text
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}

/** `values` with the variables put over them. What is no section where one should be stays, for the schema to refuse. */
export function withVariables(
  values: Readonly<Record<string, unknown>>,
  variables: readonly Variable[],
): Readonly<Record<string, unknown>> {
  const merged = structuredClone(values) as Record<string, unknown>
  for (const { path, value } of variables) put(merged, path, value)
  return merged
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path as [string, ...string[]]
  if (rest.length === 0) {
    target[key] = value
    return
  }
  target[key] ??= {}
  const inner = target[key]
  if (isSection(inner)) put(inner, rest, value)
}
