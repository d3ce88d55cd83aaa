/** Connections whose bytes are no HTTP request, or come too slowly: answered once, then closed. */
import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

const statuses: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the request headers are too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'the chunk extensions are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request headers did not arrive in time'],
}
const refused = new WeakSet<Duplex>()
const lingerMs = 1000

/**
 * Answers a `clientError` with 400, 408, 413 or 431. `answering` is the response under way on this connection, if any:
 * where it has begun, the connection is only cut, for nothing may be written into it.
 */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  answering: ServerResponse | undefined,
): void {
  if (refused.has(socket)) return
  refused.add(socket)
  const begun = answering?.headersSent && !answering.writableFinished
  if (error.code === 'ECONNRESET' || !socket.writable || begun) return void socket.destroy()
  const [status, message] = statuses[error.code ?? ''] ?? [400, 'this is not a valid HTTP request']
  socket.end(rawAnswer(status, message))
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
}

function rawAnswer(status: number, message: string): string {
  const body = JSON.stringify({ message })
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
