/** One request and its whole answer, on a connection of its own. */
import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { EgressError } from './egress-error.ts'

export interface EgressReply {
  readonly status: number
  readonly headers: Readonly<IncomingHttpHeaders>
  readonly body: Buffer
}

export interface Sending {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
  /** The longest answer that is read. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** Sends and reads. Throws EgressError `too_large`, or what the connection reports. */
export async function exchange(socket: Socket, sending: Sending): Promise<EgressReply> {
  const { url, method, headers, body, signal } = sending
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const asking = request({
    method,
    path: url.pathname + url.search,
    headers: { host: url.host, ...headers, ...length },
    createConnection: () => socket,
    maxHeaderSize: 32 * 1024,
    signal,
  })
  try {
    asking.end(body)
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    return {
      status: response.statusCode!,
      headers: response.headers,
      body: await readAll(response, sending),
    }
  } finally {
    asking.on('error', () => {})
    asking.destroy()
    socket.destroy()
  }
}

async function readAll(response: IncomingMessage, { url, maxBytes, method }: Sending): Promise<Buffer> {
  const tooLarge = () => new EgressError('too_large', `${url.host} answered with more than ${maxBytes} bytes`)
  if (method !== 'HEAD' && Number(response.headers['content-length']) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
