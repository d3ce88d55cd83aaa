import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type * as Yaml from 'yaml'
import { ConfigError } from './config-error.ts'

const fileName = 'entrepot.yml'
const largestFile = 1024 * 1024

/** What a configuration file says, not yet checked. */
export interface FileValues {
  /** Absolute; undefined when there is no file. */
  readonly path: string | undefined
  /** It was found through the data directory. */
  readonly inData: boolean
  readonly values: Readonly<Record<string, unknown>>
}

/** Where a file may be named. */
export interface FilePlaces {
  readonly cwd: string
  /** Named by the caller or by `ENTREPOT_CONFIG`: it must exist. */
  readonly named: string | undefined
  /** The data directory, as far as the environment tells. */
  readonly data: string
}

/** Reads the file that is named, else `./entrepot.yml`, else the one in the data directory, else none. */
export function readConfigFile({ cwd, named, data }: FilePlaces): FileValues {
  if (named !== undefined) return readFile(resolve(cwd, named), false)
  const here = join(cwd, fileName)
  if (existsSync(here)) return readFile(here, false)
  const inData = join(resolve(cwd, data), fileName)
  if (existsSync(inData)) return readFile(inData, true)
  return { path: undefined, inData: false, values: {} }
}

function readFile(path: string, inData: boolean): FileValues {
  const values = parseYaml(readText(path), path) ?? {}
  if (!isSection(values))
    throw new ConfigError([`${path} must hold keys and values, such as 'listen: 127.0.0.1:8080'`])
  return { path, inData, values }
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > largestFile) throw new Error(`it is larger than ${largestFile} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new ConfigError([`cannot read ${path}: ${firstLine(error)}`])
  }
}

/** Reads YAML 1.2. `where` names the source in errors. Keys without a value count as left out. */
export function parseYaml(text: string, where: string): unknown {
  try {
    // Loaded when there is something to read: a server without a file does without its 14 MB.
    const { parseDocument } = createRequire(import.meta.url)('yaml') as typeof Yaml
    const document = parseDocument(text, { version: '1.2', logLevel: 'silent' })
    const problem = document.errors[0] ?? document.warnings[0]
    if (problem) throw problem
    return withoutNulls(document.toJS({ maxAliasCount: 100 }))
  } catch (error) {
    throw new ConfigError([`${where} is not valid YAML: ${firstLine(error)}`])
  }
}

export function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isSection(value)) return value
  const entries = Object.entries(value).filter(([, entry]) => entry !== null)
  return Object.fromEntries(entries.map(([key, entry]) => [key, withoutNulls(entry)]))
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n')[0]!.replace(/:$/, '')
}
