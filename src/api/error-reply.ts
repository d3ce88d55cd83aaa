/** Errors of REST routes, in the two shapes GitLab has: `error` for parameters and tokens, `message` for the rest. */
import type { FastifyError } from 'fastify'
import { restScopes } from '../core/access/rights.ts'
import { problemReply, type Log } from '../http/problem-reply.ts'
import { Problem } from '../lib/problem.ts'
import { parametersCode } from './validation.ts'

export interface ErrorReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Renders whatever was thrown. */
export function errorReply(thrown: unknown, log: Log, requestId: string): ErrorReply {
  const problem = problemReply(fromFastify(thrown), log, requestId)
  return { status: problem.status, headers: problem.headers, body: bodyOf(problem) }
}

function bodyOf({ code, message }: { readonly code: string; readonly message: string }): unknown {
  if (code === parametersCode) return { error: message }
  if (code !== 'insufficient_scope') return { message }
  const scope = restScopes.read.join(' ')
  return { error: code, error_description: message.replace(/^403 Forbidden - /, ''), scope }
}

/** What Fastify itself refuses: bodies that are too long, no JSON, or of an unknown type. */
function fromFastify(thrown: unknown): unknown {
  const { statusCode, message } = thrown as Partial<FastifyError>
  if (thrown instanceof Problem || !(thrown instanceof Error)) return thrown
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return thrown
  return new Problem(statusCode, parametersCode, message ?? 'the request cannot be read')
}
