/** A name for each request, in every answer (`X-Request-Id`), log line and event. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const id = Symbol('request id')

/**
 * What proxies and clients make: hexadecimal numbers, UUIDs, ULIDs. No secret of ours looks so, and whatever else
 * somebody sends does not get into a log this way.
 */
const wellFormed = /^(?:[0-9a-fA-F-]{8,40}|[0-9A-Z]{26})$/

/** The client's own where it is well-formed, otherwise a random one; the same for the rest of the request. */
export function requestId(req: IncomingMessage): string {
  const known = req as IncomingMessage & { [id]?: string }
  return (known[id] ??= given(req.headers['x-request-id']) ?? randomUUID())
}

function given(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && wellFormed.test(header) ? header : undefined
}
