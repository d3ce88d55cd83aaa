/** The short-lived token by which `entrepot doctor` asks a server what of a request arrived. */
import { timingSafeEqual } from 'node:crypto'
import { keyedDigest } from '../../lib/secrets.ts'

/** The request header that holds it. */
export const probeHeader = 'x-entrepot-probe'

const lifeMs = 10 * 60_000
const purpose = 'probe token'

/** Good for ten minutes, at every server with this secret key, and for probes alone. */
export function makeProbeToken(secretKey: string, now: number): string {
  const until = String(now + lifeMs)
  return `${until}.${keyedDigest(secretKey, purpose, until)}`
}

export function isProbeToken(secretKey: string, text: string, now: number): boolean {
  const [, until, digest] = /^(\d{1,16})\.([0-9a-f]{64})$/.exec(text) ?? []
  if (until === undefined || digest === undefined) return false
  // One from the far future was made by a clock that is wrong, or is to be used for ever.
  if (Number(until) < now || Number(until) > now + 2 * lifeMs) return false
  return timingSafeEqual(Buffer.from(digest), Buffer.from(keyedDigest(secretKey, purpose, until)))
}
