import { Problem } from '../lib/problem.ts'

/** 503: the database cannot be reached, was lost on the way, or does not answer in time. */
export function unavailable(cause?: unknown): Problem {
  const problem = new Problem(503, 'unavailable', 'the database does not answer; try again in a moment', {
    'retry-after': '1',
  })
  if (cause !== undefined) problem.cause = cause
  return problem
}
