/** Requests to one upstream, with its credential and within its limits. */
import type { Core } from '../core.ts'
import type { Upstream } from '../records/upstreams.ts'
import type { EgressStream } from '../egress/egress.ts'
import { credentialFor, storedCredential } from './credential.ts'
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
  try {
    return await core.egress.open({
      url,
      headers: wanted,
      timeoutMs: headMs,
      lane: laneOf(upstream),
      ...credentialFor(upstream.url, storedCredential(core, upstream)),
      ...asking,
    })
  } catch (error) {
    throw failureOf(upstream.name, error)
  }
}

/** Upstreams do not learn from one another that a server fails. */
export const laneOf = ({ id }: Upstream) => `upstream ${id}`
