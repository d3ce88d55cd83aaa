/** Checks of what a request brings; refusals in the words GitLab's clients know. */
import type { z } from 'zod'
import { Problem } from '../lib/problem.ts'

/** The code of problems that are answered under the key `error`, as GitLab does for parameters. */
export const parametersCode = 'invalid_parameters'

/** 400 with the key `error`. */
export const badParameter = (message: string) => new Problem(400, parametersCode, message)

/** The values that the schema makes of the input. Throws `badParameter` naming every parameter that is wrong. */
export function checked(schema: z.ZodObject, input: unknown): Record<string, unknown> {
  const result = schema.safeParse(input ?? {})
  if (result.success) return result.data
  const given = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {}
  const words = result.error.issues.map((issue) => describe(issue, given))
  throw badParameter([...new Set(words)].join(', '))
}

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const [first] = issue.path
  if (first === undefined) return 'the request body must be an object'
  const name = String(first)
  const value = given[name]
  if (value === undefined) return `${name} is missing`
  if (value === '') return `${name} is empty`
  if (issue.code === 'invalid_value') return `${name} does not have a valid value`
  if (issue.code === 'too_big' && issue.origin === 'string') {
    return `${name} is too long (at most ${issue.maximum} characters)`
  }
  return issue.code === 'custom' ? `${name} is invalid: ${issue.message}` : `${name} is invalid`
}
