import { Problem } from '../../lib/problem.ts'
import { UnsealError } from '../../lib/secrets.ts'
import { EgressError } from '../egress/egress-error.ts'

/**
 * An upstream gave no usable answer, and nothing of it is kept. 502; 503 where it is left alone for a while; 504 where it
 * did not answer in time. The message names the upstream as its owner called it, and no address.
 */
export class UpstreamFailure extends Problem {
  override name = 'UpstreamFailure'
}

/** Why a request to an upstream failed, for the client that waits for it. */
export function failureOf(upstream: string, error: unknown): Problem {
  if (error instanceof Problem) return error.status >= 500 ? error : notUnderstood(upstream, error)
  if (error instanceof UnsealError) {
    const words = 'has a credential that was sealed under another secret key: give it anew'
    return failed(502, 'upstream_credential', upstream, words, error)
  }
  const kind = error instanceof EgressError ? error.failure : 'network'
  if (kind === 'timeout') return failed(504, 'upstream_timeout', upstream, 'did not answer in time', error)
  if (kind === 'unavailable') {
    const words = 'failed too often and is left alone for a moment'
    return failed(503, 'upstream_unavailable', upstream, words, error, { 'retry-after': '10' })
  }
  const words = {
    refused: 'has an address that is not connected to (see egress.allow)',
    too_large: 'answered with more than is taken',
    answer: 'gave no valid answer',
    network: 'cannot be reached',
  }[kind]
  return failed(502, 'upstream_failed', upstream, words, error)
}

/** A format's own words about what it was given are about the upstream, not about the client that waits. */
const notUnderstood = (upstream: string, { message }: Problem) =>
  notUsable(upstream, `answered with something that cannot be right: ${message}`)

/** Others have been fetching the same for longer than anybody waits. */
export function heldUp(upstream: string): Problem {
  return failed(504, 'upstream_timeout', upstream, 'has been sending this to others for too long; try again')
}

/** What a status that is neither success nor "not here" means. */
export function failureOfStatus(
  upstream: string,
  status: number,
  headers: Readonly<Record<string, unknown>>,
): Problem {
  if (status === 401 || status === 403) {
    const words = `refuses our credential (${status}); whoever owns it must give a valid one`
    return failed(502, 'upstream_refused', upstream, words)
  }
  if (status === 429) {
    const after = String(headers['retry-after'] ?? '10')
    const retry = /^\d{1,5}$/.test(after) ? after : '10'
    return failed(503, 'upstream_busy', upstream, 'asks for a pause (429)', undefined, {
      'retry-after': retry,
    })
  }
  return failed(502, 'upstream_failed', upstream, `answered with status ${status}`)
}

/** An answer that came whole and is not what it should be. */
export function notUsable(upstream: string, what: string, cause?: unknown): Problem {
  return failed(502, 'upstream_wrong', upstream, what, cause)
}

function failed(
  status: number,
  code: string,
  upstream: string,
  words: string,
  cause?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Problem {
  const problem = new UpstreamFailure(
    status,
    code,
    `the upstream ${JSON.stringify(upstream)} ${words}`,
    headers,
  )
  return Object.assign(problem, { cause })
}
