/** Which failures may pass, and how long to wait. */
import { EgressError } from './egress-error.ts'
import type { EgressReply } from './exchange.ts'

type Outcome = EgressReply | EgressError

/** Asking twice does what asking once does. */
export const isIdempotent = (method: string) => ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method)

/** A broken connection, a gateway without its server, a server that wants a pause. */
export function isWorthAnother(outcome: Outcome): boolean {
  if (outcome instanceof EgressError) return outcome.failure === 'network'
  return [429, 502, 503, 504].includes(outcome.status)
}

/** What `Retry-After` asks for, in milliseconds; a 429 without one asks for a second. */
export function retryAfterMs(outcome: Outcome): number {
  if (outcome instanceof EgressError || ![429, 503].includes(outcome.status)) return 0
  const text = outcome.headers['retry-after']
  if (text === undefined) return outcome.status === 429 ? 1000 : 0
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? 1000 : Math.max(0, at - Date.now())
}
