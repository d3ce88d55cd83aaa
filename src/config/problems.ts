import type { z } from 'zod'
import type { Variable } from './environment.ts'
import { keysOf, schemaAt } from './schema-walk.ts'
import { unexplained, wordsOf } from './settings.ts'
import { suggestion } from './suggestion.ts'

/** What was checked, and where it came from. */
export interface Checked {
  readonly schema: z.core.$ZodType
  readonly values: unknown
  readonly variables: readonly Variable[]
  readonly file: string | undefined
}

/** One line per thing that the schema found wrong. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], checked: Checked): string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String)
    // Inside the value of one setting there are no keys of ours to name.
    const isInSection = schemaAt(checked.schema, path) !== undefined
    if (issue.code !== 'unrecognized_keys' || !isInSection) return [wrongValue(issue, path, checked)]
    return issue.keys.map((key) => unknownKey([...path, key], checked))
  })
}

/** The variable that set the value at `path`; undefined: the file did, or nobody. */
export function variableAt(path: readonly string[], variables: readonly Variable[]): Variable | undefined {
  return variables.findLast((variable) => variable.path.every((key, index) => key === path[index]))
}

function unknownKey(path: readonly string[], checked: Checked): string {
  const parent = path.slice(0, -1)
  const allowed = Object.keys(keysOf(schemaAt(checked.schema, parent) ?? checked.schema) ?? {})
  const near = suggestion(path.at(-1)!, allowed)
  const start = `unknown key ${quoted(path.join('.'))}${origin(path, checked)}: `
  if (near) return `${start}did you mean ${quoted([...parent, near].join('.'))}?`
  return `${start}allowed here are ${allowed.join(', ')}`
}

function wrongValue(issue: z.core.$ZodIssue, path: readonly string[], checked: Checked): string {
  const setting = settingAt(path, checked.schema)
  const key = setting.path.join('.')
  const where = origin(setting.path, checked)
  if (issue.code === 'custom' && issue.message !== unexplained) return `${key}${where}: ${issue.message}`
  const value = valueAt(checked.values, setting.path)
  if (value === undefined) return `${key} is missing: it must be ${setting.allowed}`
  return `${key}${where} must be ${setting.allowed}${setting.secret ? '' : `, not ${shown(value)}`}`
}

/** The setting that holds `path` (an entry of a list is part of its list), or the section it names. */
function settingAt(path: readonly string[], schema: z.core.$ZodType) {
  for (let length = path.length; length > 0; length--) {
    const found = schemaAt(schema, path.slice(0, length))
    if (!found) continue
    const key = path.slice(0, length)
    const words = wordsOf(found)
    if (words) return { path: key, allowed: words.allowed, secret: words.secret }
    return {
      path: key,
      allowed: `a section with the keys ${Object.keys(keysOf(found) ?? {}).join(', ')}`,
      secret: true,
    }
  }
  return { path, allowed: 'something else', secret: true }
}

function origin(path: readonly string[], { variables, file }: Checked): string {
  const variable = variableAt(path, variables)
  if (variable) return ` (from ${variable.name})`
  return file ? ` (in ${file})` : ''
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  let value = values
  for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key]
  return value
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value)
  return json.length > 80 ? `${json.slice(0, 80)}...` : json
}

function quoted(text: string): string {
  return `'${text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}'`
}
