import { Problem } from '../lib/problem.ts'

/** What is known of a failed request to an object store. */
export interface S3Failure {
  /** `NoSuchKey`, `SlowDown`, `TimeoutError`, `ECONNREFUSED` ... */
  readonly name: string
  /** Undefined where no answer came. */
  readonly status: number | undefined
  readonly message: string
}

const fullNames = new Set([
  'QuotaExceeded',
  'InsufficientStorage',
  'XMinioStorageFull',
  'InsufficientCapacity',
])

export function failureOf(error: unknown): S3Failure {
  const { name, code, message, $metadata } = error as {
    name?: string
    code?: string
    message?: string
    $metadata?: { httpStatusCode?: number }
  }
  const status = $metadata?.httpStatusCode
  const generic = name === undefined || name === 'Error' || name === 'AggregateError'
  return { name: (generic ? code : name) ?? 'Error', status, message: message ?? String(error) }
}

/** Whether the store says that there is no such object, or no such upload. */
export function isMissing(error: unknown): boolean {
  const { name, status } = failureOf(error)
  return status === 404 && name !== 'NoSuchBucket'
}

/**
 * A failed request as the client is told of it: 507 where the store is full, else 503. The cause is named for the
 * log, without anything of the request that failed.
 */
export function storeProblem(error: unknown): Problem {
  const { name, status, message } = failureOf(error)
  const cause = new Error(`object store: ${name}${status === undefined ? '' : ` (${status})`}: ${message}`)
  const problem =
    status === 507 || fullNames.has(name)
      ? new Problem(507, 'insufficient_storage', 'The server has no room left to store this file')
      : new Problem(503, 'storage_unavailable', `${words(name, status)}; try again later`, {
          'retry-after': '10',
        })
  return Object.assign(problem, { cause })
}

function words(name: string, status: number | undefined): string {
  if (status !== undefined) return `The object store that holds the packages answered ${status} (${name})`
  if (name === 'TimeoutError') return 'The object store that holds the packages did not answer in time'
  return `The object store that holds the packages cannot be reached (${name})`
}

/** Waits for a request to the store; its failure becomes a `Problem`. */
export async function reaching<T>(request: Promise<T>): Promise<T> {
  try {
    return await request
  } catch (error) {
    throw storeProblem(error)
  }
}
