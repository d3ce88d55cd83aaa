/** Many small requests on few connections. */
import { Agent, request, type IncomingHttpHeaders } from 'node:http'

export interface Sent {
  readonly method: string
  /** From the root of the server, encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}
export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}
export type Send = (sent: Sent) => Promise<Received>

/** Sends to the server at `url`; `close` ends the connections. */
export function createClient(url: string): { send: Send; close(): void } {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const send: Send = ({ method, path, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
      const sending = request({ hostname, port, method, path, agent, headers: { ...headers, ...length } })
      sending.on('error', reject)
      sending.on('response', (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.on('error', reject)
        reply.on('end', () =>
          resolve({ status: reply.statusCode!, headers: reply.headers, body: Buffer.concat(chunks) }),
        )
      })
      sending.end(body)
    })
  return { send, close: () => agent.destroy() }
}
