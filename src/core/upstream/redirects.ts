/** What a redirect makes of a request (RFC 9110, 15.4). */
import { EgressError } from './egress-error.ts'
import type { EgressReply } from './exchange.ts'

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

/** The request to make next; undefined: the answer is no redirect. Throws EgressError `answer` for one to nowhere. */
export function afterRedirect(hop: Hop, { status, headers }: EgressReply): Hop | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return undefined
  if (!URL.canParse(headers.location, hop.url.href)) {
    throw new EgressError('answer', `${hop.url.host} redirects to an address that is none`)
  }
  const url = new URL(headers.location, hop.url)
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
