/** Whatever was thrown, as an answer: the one place where an unknown error becomes a 500. */
import { Problem } from '../lib/problem.ts'

/** The part of a pino logger used here. */
export interface Log {
  error(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** `status`, `code` and `message` are what a format's `access.error` takes; `json` is the shape for everyone else. */
export interface ProblemReply {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
  readonly json: { readonly message: string }
}

/**
 * Renders a `Problem` as it is; anything else is logged under the request's id and answered as a 500 that names the id
 * and says nothing about the cause. Problems from 500 on are logged too: somebody has to act on them.
 */
export function problemReply(thrown: unknown, log: Log, requestId: string): ProblemReply {
  if (!(thrown instanceof Problem)) {
    log.error({ err: thrown, requestId }, 'request failed')
    return reply(500, 'internal', `500 Internal Server Error (request ${requestId})`, {})
  }
  if (thrown.status >= 500) log.warn({ err: thrown, requestId }, thrown.message)
  return reply(thrown.status, thrown.code, thrown.message, thrown.headers)
}

function reply(status: number, code: string, message: string, headers: Readonly<Record<string, string>>) {
  return { status, code, message, headers, json: { message } }
}
