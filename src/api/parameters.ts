/** Schemas that many routes share. They also take what a form sends: numbers and booleans as text. */
import { z } from 'zod'
import type { Core } from '../core/core.ts'
import { badParameter } from './validation.ts'

// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
// oxlint-disable-next-line no-control-regex
const unprintableButLines = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

/** The number of a record. */
export const numberId = z.coerce.number().int().min(1)
/** A number or a full path, which is percent-encoded in the address. */
export const pathId = z.string().min(1).max(1024).describe('number or URL-encoded full path')
/** What the path of a list is about. Typed as if there always were an id: on the instance there is none, and nobody looks. */
export const paramsOf = (path: string) =>
  (path.includes('/:id/') ? { id: pathId } : {}) as { readonly id: typeof pathId }
export const flag = z.union([z.boolean(), z.stringbool()])
export const visibility = z.enum(['private', 'internal', 'public'])
export const sort = z.enum(['asc', 'desc'])
export const accessLevel = z.coerce
  .number()
  .int()
  .refine((level) => [10, 20, 30, 40, 50].includes(level), '10, 20, 30, 40 or 50')
  .describe('10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner')

/** One line of text that shows as what it is. */
export const label = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !unprintable.test(text), 'it must not hold control or bidirectional characters')
export const description = z
  .string()
  .max(10_000)
  .refine((text) => !unprintableButLines.test(text), 'it must not hold control or bidirectional characters')
export const searchText = z.string().max(1024)

/** A format's id, as far as it can be told without the server. */
export const formatId = z.string().min(1).max(64).describe("a format's id")
/** The id of a format that this server has. Throws 400 naming the parameter. */
export function knownFormat({ core }: { readonly core: Core }, parameter: string, id: string): string {
  if (core.formats.has(id)) return id
  throw badParameter(`${parameter} does not have a valid value`)
}

/** A day as YYYY-MM-DD, in milliseconds since 1970: what expires then is over when it begins (UTC). */
export const expiryDay = z.iso.date().transform((text) => Date.parse(`${text}T00:00:00Z`))

/** A day, or a time with its zone, in milliseconds since 1970. */
export const moment = z.union([
  expiryDay,
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
])

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** What was given; what was left out is left out. */
export const given = <T extends object>(asked: T) =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as Given<T>

// What answers are made of.
export const time = z.iso.datetime()
export const day = z.iso.date()

export const timeOf = (ms: number) => new Date(ms).toISOString()
export const timeOrNull = (ms: number | null) => (ms === null ? null : timeOf(ms))
export const dayOrNull = (ms: number | null) => (ms === null ? null : timeOf(ms).slice(0, 10))
