import { z } from 'zod'
import { wordsOf } from './settings.ts'
import type { SettingWords } from './settings.ts'

type Schema = z.core.$ZodType

/** The schema beneath what says that a value is optional, has a default or is converted. */
export function bare(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) return bare(schema.def.innerType)
  return schema instanceof z.ZodPipe ? bare(schema.def.in) : schema
}

/** The keys of a section with their schemas; undefined for a setting. */
export function keysOf(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  const inner = bare(schema)
  return inner instanceof z.ZodObject ? inner.shape : undefined
}

/** The schema at a path of keys; undefined when there is no such key. */
export function schemaAt(schema: Schema, path: readonly string[]): Schema | undefined {
  let at: Schema = schema
  for (const key of path) {
    const keys = keysOf(at)
    if (!keys || !Object.hasOwn(keys, key)) return undefined
    at = keys[key]!
  }
  return at
}

/** One setting of the schema, with its path. */
export interface Setting {
  readonly path: readonly string[]
  readonly words: SettingWords
}

/** All settings, in the order of the schema. */
export function settingsOf(schema: Schema, path: readonly string[] = []): Setting[] {
  const words = wordsOf(schema)
  if (words) return [{ path, words }]
  return Object.entries(keysOf(schema) ?? {}).flatMap(([key, child]) => settingsOf(child, [...path, key]))
}
