/** What a redirect makes of a request (RFC 9110, 15.4). */
import { discard } from './answer-body.ts'
import { EgressError } from './egress-error.ts'
import type { EgressStream } from './exchange.ts'

/** A request on its way. */
export interface Hop {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
  readonly credential: { readonly origin: string; readonly name: string; readonly value: string } | undefined
}

/** The only headers that may follow to another origin: any other one might be a secret. */
const harmless = new Set([
  'accept',
  'accept-language',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'range',
])

const mostRedirects = 5
const redirecting = new Set([301, 302, 303, 307, 308])

/**
 * The answer at the end of at most so many redirects (five where undefined; where none, redirects are answers).
 * @throws EgressError `answer` for more or one to nowhere, `refused` from https to http; what `ask` throws.
 */
export async function follow(
  first: Hop,
  redirects: number | undefined,
  ask: (hop: Hop) => Promise<EgressStream>,
): Promise<EgressStream> {
  const most = Math.min(redirects ?? mostRedirects, mostRedirects)
  let hop = first
  for (let followed = 0; ; followed++) {
    const answer = await ask(hop)
    const { location } = answer.headers
    const isRedirect = redirecting.has(answer.status) && location !== undefined
    if (most === 0 || !isRedirect) return answer
    discard(answer.body)
    if (followed === most)
      throw new EgressError('answer', `${hop.url.host} redirects more than ${most} times`)
    hop = nextHop(hop, answer.status, location)
  }
}

function nextHop(hop: Hop, status: number, location: string): Hop {
  if (!URL.canParse(location, hop.url.href)) {
    throw new EgressError('answer', `${hop.url.host} redirects to an address that is none`)
  }
  const url = new URL(location, hop.url)
  if (hop.url.protocol === 'https:' && url.protocol !== 'https:') {
    throw new EgressError('refused', `${hop.url.host} redirects from https to ${url.protocol}`)
  }
  const staysHere = url.origin === hop.url.origin
  const becomesGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST'
  return {
    url,
    method: becomesGet ? 'GET' : hop.method,
    headers: staysHere ? hop.headers : onlyHarmless(hop.headers),
    body: becomesGet ? undefined : hop.body,
    credential: staysHere ? hop.credential : undefined,
  }
}

function onlyHarmless(headers: Hop['headers']): Hop['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())))
}
