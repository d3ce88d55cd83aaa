/** A registry on loopback that others fill from: it serves what is put into it, notes what it was asked, and fails as told. */
import { createHash } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Certificate } from '../certificate.ts'

/** What stands at a path. */
export interface Content {
  /** Default 200. */
  readonly status?: number
  readonly body: Buffer
  readonly type: string
  readonly headers?: Readonly<Record<string, string>>
  /** Whether it is sent compressed to whom asks for it. */
  readonly compressible?: boolean
}

/** One request, as a content that depends on it sees it. */
export interface Asked {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}
export type Source = Content | ((asked: Asked) => Content | undefined)

export interface LoggedRequest extends Omit<Asked, 'body'> {
  /** Of what it was sent, the first million characters. */
  text: string
  /** Numbered from 1 on. */
  readonly connection: number
  /** 0 until the head of an answer has gone. */
  status: number
  /** Of the bodies that went. */
  bytes: number
}

/** An answer as it would be without the fault. */
export interface Prepared {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The body before it was compressed for the way. */
  readonly plain: Buffer
}

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly prepared: Prepared
  /** What the fault is known by has gone to the caller. */
  reached(): void
}

/** What goes wrong with an answer. */
export interface Fault {
  readonly title: string
  send(exchange: Exchange): void
}
/** What goes wrong with a connection, before anything is read. */
export interface ConnectionFault {
  readonly title: string
  accept(socket: Socket, reached: () => void): void
}
/** A fault that was switched on. */
export interface ActiveFault {
  readonly title: string
  /** How often it really reached a caller. */
  readonly count: number
  off(): void
}

export interface FaultyUpstreamOptions {
  /** It speaks https with it. */
  readonly certificate?: Certificate
  /** Where it listens; default 127.0.0.1. */
  readonly host?: string
  /** Default: one that is free. */
  readonly port?: number
}

export interface FaultyUpstream {
  /** `http://127.0.0.1:PORT`, whatever it listens at; no slash at the end. */
  readonly url: string
  readonly port: number
  /** By decoded path. */
  readonly contents: Map<string, Source>
  readonly requests: readonly LoggedRequest[]
  /** How many connections were accepted. */
  readonly connections: number
  /** How many requests were for paths like this: GET only unless another method is named. */
  asked(path: string | RegExp, method?: string): number
  /** The bytes of bodies that went for paths like this. */
  sent(path: string | RegExp): number
  /** Forgets what it was asked. */
  forget(): void
  /** Answers to paths like this go wrong from now on; the fault switched on last holds. */
  fail(path: string | RegExp, fault: Fault): ActiveFault
  /** So do connections; those that stand are cut. */
  failConnections(fault: ConnectionFault): ActiveFault
  /** From now on connections are refused, and those that stand are cut. */
  stopListening(): Promise<void>
  /** On the same port as before. */
  listenAgain(): Promise<void>
  close(): Promise<void>
}

interface Switched {
  readonly path: string | RegExp
  readonly fault: Fault
  readonly state: { count: number }
}

const matches = (pattern: string | RegExp, path: string) =>
  typeof pattern === 'string' ? pattern === path : pattern.test(path)

/** Starts it, empty. */
export async function startFaultyUpstream(options: FaultyUpstreamOptions = {}): Promise<FaultyUpstream> {
  const { certificate, host = '127.0.0.1' } = options
  const contents = new Map<string, Source>()
  const requests: LoggedRequest[] = []
  const faults: Switched[] = []
  const connectionFaults: { fault: ConnectionFault; state: { count: number } }[] = []
  const sockets = new Map<Socket, number>()
  let connections = 0

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const logged = {
      ...describe(request),
      connection: sockets.get(rawSocket(request)) ?? 0,
      text: '',
      status: 0,
      bytes: 0,
    }
    requests.push(logged)
    note(response, logged)
    const body = await bodyOf(request)
    logged.text = body.toString('utf8', 0, 1_000_000)
    const found = contents.get(logged.path)
    const prepared = prepare(typeof found === 'function' ? found({ ...logged, body }) : found, logged)
    const active = faults.findLast(({ path }) => matches(path, logged.path))
    if (!active) return void send(response, prepared)
    const reached = () => void active.state.count++
    active.fault.send({ request, response, prepared, reached })
  }
  const onRequest = (request: IncomingMessage, response: ServerResponse) =>
    void answer(request, response).catch(() => response.destroy())
  const http = certificate ? createHttpsServer({ ...certificate }, onRequest) : createHttpServer(onRequest)
  http.on('clientError', (_error, socket) => socket.destroy()).on('tlsClientError', () => {})
  const listener = createServer((socket) => {
    sockets.set(socket, ++connections)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    const active = connectionFaults.at(-1)
    if (active) active.fault.accept(socket, () => void active.state.count++)
    else http.emit('connection', socket)
  })
  const listen = async (port: number) => {
    listener.listen(port, host)
    await once(listener, 'listening')
    return (listener.address() as AddressInfo).port
  }
  const stopListening = async () => {
    if (!listener.listening) return
    const closed = once(listener, 'close')
    listener.close()
    for (const socket of sockets.keys()) socket.destroy()
    await closed
  }
  const port = await listen(options.port ?? 0)
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    contents,
    requests,
    get connections() {
      return connections
    },
    asked: (path, method = 'GET') =>
      requests.filter((one) => one.method === method && matches(path, one.path)).length,
    sent: (path) => requests.reduce((sum, one) => sum + (matches(path, one.path) ? one.bytes : 0), 0),
    forget: () => void requests.splice(0),
    fail: (path, fault) => switchOn(faults, { path, fault, state: { count: 0 } }),
    failConnections: (fault) => {
      // Those that stand were kept for further requests.
      for (const socket of sockets.keys()) socket.destroy()
      return switchOn(connectionFaults, { fault, state: { count: 0 } })
    },
    stopListening,
    listenAgain: async () => void (await listen(port)),
    close: async () => {
      await stopListening()
      http.closeAllConnections()
      http.close()
    },
  }
}

function switchOn<T extends { fault: { title: string }; state: { count: number } }>(
  among: T[],
  switched: T,
): ActiveFault {
  among.push(switched)
  return {
    title: switched.fault.title,
    get count() {
      return switched.state.count
    },
    off() {
      const at = among.indexOf(switched)
      if (at >= 0) among.splice(at, 1)
    },
  }
}

/** The connection as it was accepted: TLS wraps it. */
function rawSocket({ socket }: IncomingMessage): Socket {
  return (socket as Socket & { _parent?: Socket })._parent ?? socket
}

function describe({ method = '', url = '', headers }: IncomingMessage): Omit<Asked, 'body'> {
  const { pathname, searchParams } = new URL(url, 'http://upstream')
  return { method, path: decodeURIComponent(pathname), query: searchParams, headers }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Counts what goes, whoever writes it. */
function note(response: ServerResponse, logged: LoggedRequest): void {
  const { write, end } = response
  const count = (chunk: unknown) => {
    logged.status = response.statusCode
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) logged.bytes += Buffer.byteLength(chunk)
  }
  response.write = ((...args: unknown[]) => {
    count(args[0])
    return Reflect.apply(write, response, args)
  }) as typeof write
  response.end = ((...args: unknown[]) => {
    count(args[0])
    return Reflect.apply(end, response, args)
  }) as typeof end
}

const notFound: Content = {
  status: 404,
  body: Buffer.from('{"error":"not found"}'),
  type: 'application/json',
}

interface Encoded {
  readonly body: Buffer
  readonly etag: string
}
/** What is derived of contents, once: large ones must not hold up others again and again. */
const encodings = new WeakMap<Content, { plain?: Encoded; zipped?: Encoded }>()

function encode(content: Content, isZipped: boolean): Encoded {
  const known = encodings.get(content) ?? {}
  encodings.set(content, known)
  const make = (body: Buffer) => ({ body, etag: `"${createHash('sha1').update(body).digest('hex')}"` })
  if (isZipped) return (known.zipped ??= make(gzipSync(content.body, { level: 1 })))
  return (known.plain ??= make(content.body))
}

/** As a good registry answers: conditions, compression, HEAD. */
function prepare(content: Content = notFound, { method, headers }: LoggedRequest): Prepared {
  const { status = 200, type, compressible } = content
  const isZipped = compressible === true && /\bgzip\b/.test(headers['accept-encoding'] ?? '')
  const { body, etag } = encode(content, isZipped)
  const fields = {
    'content-type': type,
    ...(status === 200 ? { etag, 'last-modified': new Date(1_700_000_000_000).toUTCString() } : {}),
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    ...content.headers,
  }
  const conditions = method === 'POST' ? undefined : headers['if-none-match']?.split(/\s*,\s*/)
  if (status === 200 && conditions?.includes(etag)) {
    return { status: 304, headers: fields, body: Buffer.alloc(0), plain: content.body }
  }
  return { status, headers: { ...fields, 'content-length': String(body.length) }, body, plain: content.body }
}

/** Sends an answer as it is; `sent` is called once it has gone. */
export function send(
  response: ServerResponse,
  { status, headers, body }: Omit<Prepared, 'plain'>,
  sent?: () => void,
): void {
  response.writeHead(status, headers)
  response.end(response.req.method === 'HEAD' ? undefined : body, sent)
}
