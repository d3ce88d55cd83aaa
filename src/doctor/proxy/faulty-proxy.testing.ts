/** A small reverse proxy that does one thing wrong. */
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'

export type Fault =
  | 'decodes'
  | 'merges slashes'
  | 'changes Host'
  | 'hides the protocol'
  | 'hides the caller'
  | 'takes Authorization'
  | 'refuses PUT'
  | 'refuses long headers'
  | 'refuses large bodies'
  | 'refuses chunks'
  | 'refuses Expect'
  | 'keeps uploads'
  | 'keeps downloads'
  | 'compresses'
  | 'knows no root'
  | 'answers by itself'

export interface FaultyProxy {
  readonly url: string
  close(): Promise<void>
}

/** Serves `upstream` under `/registry`, and the root besides. */
export async function startFaultyProxy(upstream: string, fault?: Fault): Promise<FaultyProxy> {
  const options = fault === 'refuses long headers' ? { maxHeaderSize: 4096 } : {}
  const server = http.createServer(options, (req, res) => void pass(upstream, fault, req, res))
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    if (fault === 'refuses Expect') return void res.writeHead(417).end()
    res.writeContinue()
    void pass(upstream, fault, req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/registry`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function pass(upstream: string, fault: Fault | undefined, req: IncomingMessage, res: ServerResponse) {
  const status = refusal(fault, req)
  if (status !== undefined) {
    res.writeHead(status, { server: 'faulty', connection: 'close' }).end('no')
    return req.destroy()
  }
  const { pathname } = new URL(upstream)
  const path = altered(fault, req.url!.replace('/registry', pathname.replace(/\/$/, '')))
  const onward = http.request(upstream, {
    path,
    method: req.method!,
    headers: headersFor(fault, req),
    agent: false,
  })
  onward.on('error', () => res.destroy())
  onward.on('response', (reply) => void back(fault, req, reply, res))
  if (fault === 'keeps uploads') onward.end(await buffer(req))
  else req.pipe(onward)
}

function refusal(fault: Fault | undefined, { method, url, headers }: IncomingMessage): number | undefined {
  if (fault === 'answers by itself') return 502
  if (fault === 'refuses PUT' && method === 'PUT') return 405
  if (fault === 'refuses large bodies' && Number(headers['content-length'] ?? 0) > 1_000_000) return 413
  if (fault === 'refuses chunks' && headers['transfer-encoding']) return 411
  if (fault === 'knows no root' && !url!.startsWith('/registry')) return 404
  return undefined
}

function altered(fault: Fault | undefined, path: string): string {
  if (fault === 'decodes') return path.replaceAll('%2f', '/')
  return fault === 'merges slashes' ? path.replaceAll(/\/+/g, '/') : path
}

function headersFor(fault: Fault | undefined, { headers }: IncomingMessage): http.OutgoingHttpHeaders {
  const all: http.OutgoingHttpHeaders = { ...headers }
  delete all['expect']
  if (fault !== 'hides the protocol') all['x-forwarded-proto'] = 'http'
  if (fault !== 'hides the caller') all['x-forwarded-for'] = '192.0.2.1'
  if (fault === 'changes Host') all['host'] = 'backend'
  if (fault === 'takes Authorization') delete all['authorization']
  return all
}

async function back(
  fault: Fault | undefined,
  { headers: { 'accept-encoding': accepted } }: IncomingMessage,
  reply: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (fault === 'compresses' && accepted === 'gzip') {
    const headers: http.OutgoingHttpHeaders = { ...reply.headers, 'content-encoding': 'gzip' }
    const body = gzipSync(await buffer(reply))
    res.writeHead(reply.statusCode!, { ...headers, 'content-length': body.length }).end(body)
    return
  }
  res.writeHead(reply.statusCode!, reply.headers)
  if (fault === 'keeps downloads') res.end(await buffer(reply))
  else reply.pipe(res)
}
