/** A random name for each request, in every answer (`X-Request-Id`) and log line. What the client sends is ignored. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const id = Symbol('request id')

/** Made at the first call, the same for the rest of the request. */
export function requestId(req: IncomingMessage): string {
  const known = req as IncomingMessage & { [id]?: string }
  return (known[id] ??= randomUUID())
}
