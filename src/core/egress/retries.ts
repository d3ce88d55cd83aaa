/** Which failures may pass, how long to wait, and trying again. */
import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { EgressError } from './egress-error.ts'
import type { TimeLimit } from './time-limit.ts'

/** The head of an answer. */
interface Head {
  readonly status: number
  readonly headers: Readonly<IncomingHttpHeaders>
}

/** Asking twice does what asking once does. */
export const isIdempotent = (method: string) => ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method)

/** A broken connection, a gateway without its server, a server that wants a pause. */
export function isWorthAnother(outcome: Head | EgressError): boolean {
  if (outcome instanceof EgressError) return outcome.failure === 'network'
  return [429, 502, 503, 504].includes(outcome.status)
}

/** What `Retry-After` asks for, in milliseconds; a 429 without one asks for a second. */
export function retryAfterMs(outcome: Head | EgressError): number {
  if (outcome instanceof EgressError || ![429, 503].includes(outcome.status)) return 0
  const text = outcome.headers['retry-after']
  if (text === undefined) return outcome.status === 429 ? 1000 : 0
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? 1000 : Math.max(0, at - Date.now())
}

export interface Patience {
  /** How often it is tried again. */
  readonly retries: number
  /** Before the first retry; doubled before each further one. */
  readonly backoffMs: number
  readonly limit: TimeLimit
}

/**
 * Tries again while that may help and there is time: an answer that is not taken is given to `drop`.
 * @throws what the last attempt threw, or the limit's reason where that ends a pause.
 */
export async function patiently<T extends Head>(
  { retries, backoffMs, limit }: Patience,
  attempt: () => Promise<T>,
  drop: (answer: T) => void,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    const outcome = await attempt().catch(asEgressError)
    const backoff = backoffMs * 2 ** tried * (0.5 + Math.random())
    const pause = Math.max(backoff, retryAfterMs(outcome))
    if (tried >= retries || !isWorthAnother(outcome) || pause >= limit.leftMs()) {
      if (outcome instanceof EgressError) throw outcome
      return outcome
    }
    if (!(outcome instanceof EgressError)) drop(outcome)
    // Timers may fire a moment early, and the server asked for the whole pause.
    await sleep(pause + 5, undefined, { signal: limit.signal }).catch(() => limit.signal.throwIfAborted())
  }
}

function asEgressError(error: unknown): EgressError {
  if (error instanceof EgressError) return error
  throw error
}
