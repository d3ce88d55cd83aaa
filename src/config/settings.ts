/** Builds the leaves of the schema: each knows what is allowed and what it is for, in words that people read. */
import { z } from 'zod'

/** What errors and docs/configuration.md say about one setting. */
export interface SettingWords {
  /** Completes 'it must be ...'. */
  readonly allowed: string
  readonly about: string
  /** The default, as it would be written; left out where there is none. */
  readonly fallback?: string
  /** Its value is never shown. */
  readonly secret?: boolean
  /** A running server takes a new value on SIGHUP. */
  readonly atRunTime?: boolean
}
/** A kind of value: how it is checked, and how that is said. */
export interface Kind<T> {
  readonly schema: z.ZodType<T>
  readonly allowed: string
}

/** A setting with a default, given as a person would write it. */
export function setting<T>(kind: Kind<T>, fallback: string | number | boolean, about: string) {
  const words: SettingWords = { allowed: kind.allowed, about, fallback: String(fallback) }
  return kind.schema.prefault(fallback as never).meta({ ...words })
}

/** A setting that may be left out; `words.fallback` says what then holds. */
export function optionalSetting<T>(
  kind: Kind<T>,
  about: string,
  words: { readonly fallback?: string; readonly secret?: boolean } = {},
) {
  return kind.schema.optional().meta({ allowed: kind.allowed, about, ...words })
}

/** A setting without which its section makes no sense. */
export function requiredSetting<T>(kind: Kind<T>, about: string) {
  return kind.schema.meta({ allowed: kind.allowed, about })
}

/** Marks a setting that a running server takes a new value of; `withRunTimeSettings` is where it does. */
export function atRunTime<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...wordsOf(schema)!, atRunTime: true })
}

/** The words of a setting; undefined for a section. */
export function wordsOf(schema: z.core.$ZodType): SettingWords | undefined {
  const words = z.globalRegistry.get(schema)
  return words && 'allowed' in words ? (words as unknown as SettingWords) : undefined
}

/** The message of an issue that `allowed` says all about. */
export const unexplained = '?'

/** A kind whose values `parse` reads; undefined means that it is none, an error says more. */
export function parsed<T>(allowed: string, parse: (value: unknown) => T | undefined): Kind<T> {
  const schema = z.unknown().transform((value, context) => {
    try {
      const result = parse(value)
      if (result !== undefined) return result
      context.addIssue({ code: 'custom', message: unexplained })
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
    }
    return z.NEVER
  })
  return { schema, allowed }
}

export const flag: Kind<boolean> = { schema: z.boolean(), allowed: 'true or false' }

export function wholeNumber(min: number, max: number): Kind<number> {
  return { schema: z.int().min(min).max(max), allowed: `a whole number from ${min} to ${max}` }
}

export function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  return { schema: z.enum(values), allowed: `one of ${values.map((value) => `'${value}'`).join(', ')}` }
}

/** Any text of one line. */
export function text(allowed: string, { min = 1, max = 4096 } = {}): Kind<string> {
  const schema = z
    .string()
    .min(min)
    .max(max)
    // oxlint-disable-next-line no-control-regex -- they are what must not be in it
    .regex(/^[^\u0000-\u001f\u007f]*$/)
  return { schema, allowed }
}

export function listOf(schema: z.ZodType<string>, allowed: string): Kind<string[]> {
  return { schema: z.array(schema).max(1000), allowed }
}
