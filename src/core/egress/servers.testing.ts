/** Servers on loopback for tests of the egress client, and clients that may ask them. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net'
import { after } from 'node:test'
import { createEgress, type Egress, type EgressOptions, type EgressRequest } from './egress.ts'

const endings: (() => void)[] = []
after(() => {
  for (const end of endings) end()
})

async function listen<S extends TcpServer>(
  server: S,
): Promise<{ origin: string; server: S; sockets: Socket[] }> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})))
  endings.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, sockets }
}

/** A server; `sockets` are all that were ever connected. */
export const serve = (
  answer: RequestListener,
): Promise<{ origin: string; server: Server; sockets: Socket[] }> =>
  listen(createServer({ keepAliveTimeout: 60_000 }, answer))

/** Answers each request with bytes as they are: `asked` counts those on this connection from 1. */
export const serveBytes = (answer: (socket: Socket, asked: number) => void) =>
  listen(
    createTcpServer((socket) => {
      let asked = 0
      socket.on('data', () => answer(socket, ++asked))
    }),
  )

const egresses: Egress[] = []
endings.push(() => {
  for (const egress of egresses) egress.close()
})

/** May ask loopback addresses. */
export function local(options: EgressOptions = {}): Egress {
  const egress = createEgress({ allow: ['127.0.0.0/8', '::1'], backoffMs: 5, ...options })
  egresses.push(egress)
  return egress
}

/** Small answers, soon. */
export const limits = { maxBytes: 1000, timeoutMs: 2000 }

export const ask = (egress: Egress, url: string, more: Partial<EgressRequest> = {}) =>
  egress.fetch({ url, ...limits, ...more })

export const failure = (kind: string) => (error: any) => error.failure === kind
