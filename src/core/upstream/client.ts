/** Requests to one upstream, with its credential and within its limits. */
import { unseal } from '../../lib/secrets.ts'
import type { Core } from '../core.ts'
import type { Upstream } from '../records/upstreams.ts'
import type { EgressStream } from './egress.ts'
import { failureOf } from './failure.ts'

/** Until the head of an answer is there: looking up the name, connecting, redirects and retries, in milliseconds. */
const headMs = 30_000

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  /** The longest answer that is read, in bytes as they come. */
  readonly maxBytes: number
  readonly acceptEncoding?: 'gzip'
  readonly signal?: AbortSignal
}

/** The absolute address of a request. */
export const addressOf = (upstream: Pick<Upstream, 'url'>, path: string) => `${upstream.url}/${path}`

/**
 * Asks an address for what a request wants; the credential goes to the upstream's own origin only.
 * @throws Problem 502, 503 or 504 where there is no answer at all; any status is one.
 */
export async function askUpstream(
  core: Core,
  upstream: Upstream,
  { url, accept }: { readonly url: string; readonly accept?: string | undefined },
  { headers = {}, ...asking }: Asking,
): Promise<EgressStream> {
  const wanted = { ...headers, ...(accept === undefined ? {} : { accept }) }
  const credential = credentialOf(core, upstream)
  try {
    return await core.egress.open({
      url,
      headers: wanted,
      timeoutMs: headMs,
      lane: laneOf(upstream),
      ...(credential ? { credential } : {}),
      ...asking,
    })
  } catch (error) {
    throw failureOf(upstream.name, error)
  }
}

/** Upstreams do not learn from one another that a server fails. */
export const laneOf = ({ id }: Upstream) => `upstream ${id}`

/** The header that an upstream's own origin gets. */
export function credentialOf(core: Pick<Core, 'secretKey'>, { url, username, credential }: Upstream) {
  if (credential === null) return undefined
  const secret = unseal(core.secretKey, credential).toString()
  const value =
    username === null
      ? `Bearer ${secret}`
      : `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`
  return { origin: new URL(url).origin, name: 'authorization', value }
}
