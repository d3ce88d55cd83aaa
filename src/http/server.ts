/** The listener: plain `node:http` or `node:https` with our time limits, before any routing. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { refuseConnection } from './client-error.ts'
import { listenError, parseListenAddress } from './listen-address.ts'
import type { Log } from './problem-reply.ts'
import { requestId } from './request-id.ts'
import { WatchedResponse, whenOver } from './watched-response.ts'

export interface ServerLimits {
  /** For a request's headers to arrive, in milliseconds. Default 30 s. */
  readonly headersMs?: number
  /** For the next request on an idle connection. Default 75 s: longer than a proxy's own. */
  readonly keepAliveMs?: number
  /** Bytes of all headers of a request. Default 32 KiB. */
  readonly maxHeaderSize?: number
}

/** PEM texts. */
export interface TlsTexts {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

export interface ServerOptions {
  readonly tls?: TlsTexts
  readonly limits?: ServerLimits
  readonly log: Log
  /**
   * Called for every request. A client that sent `Expect: 100-continue` sends its body after `sendContinue()`, which is
   * called only once the caller is authorised; for other requests, and a second time, it does nothing. What is thrown
   * here is a mistake: it is logged and the connection cut.
   */
  onRequest(req: IncomingMessage, res: ServerResponse, sendContinue: () => void): void | Promise<void>
}

export interface Listener {
  readonly server: http.Server
  /** `127.0.0.1:8080`, `[::]:8080`; port 0 takes a free one. Rejects with one line that says what to do. */
  listen(address: string): Promise<AddressInfo>
  /** Takes other time limits, and for new connections another certificate. Throws, changing nothing, where it is none. */
  reconfigure(limits: ServerLimits, tls: TlsTexts | undefined): void
  /**
   * Accepts nothing more and closes idle connections; requests in flight finish for `graceMs`, as the last ones of
   * their connections, then they are cut.
   */
  close(graceMs: number): Promise<void>
}

/** Makes the server; it listens when told to. Bodies have no time limit of their own: `requestBody` watches pauses. */
export function createServer(options: ServerOptions): Listener {
  const server = bareServer(options)
  const answering = new WeakMap<Duplex, ServerResponse>()
  const inFlight = new Set<ServerResponse>()
  const silent = silentConnections(server)
  const ended = (res: ServerResponse) => void inFlight.delete(res)
  let isClosing = false
  const handle = (req: IncomingMessage, res: ServerResponse, sendContinue: () => void) => {
    answering.set(req.socket, res)
    silent.delete(req.socket)
    inFlight.add(res)
    whenOver(res, ended)
    if (isClosing) res.shouldKeepAlive = false
    void guarded(options, req, res, sendContinue)
  }
  server.on('request', (req, res) => handle(req, res, () => {}))
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) =>
    handle(req, res, continueOnce(res)),
  )
  server.on('clientError', (error, socket) => refuseConnection(error, socket, answering.get(socket)))
  return {
    server,
    listen: (address) => listen(server, address),
    reconfigure: (limits, tls) => reconfigure(server, limits, tls),
    close(graceMs) {
      isClosing = true
      // A client that is told so does not send another request just when the connection closes.
      for (const res of inFlight) if (!res.headersSent) res.shouldKeepAlive = false
      return close(server, silent, graceMs)
    },
  }
}

const timesOf = ({ headersMs = 30_000, keepAliveMs = 75_000 }: ServerLimits) => ({
  headersTimeout: headersMs,
  keepAliveTimeout: keepAliveMs,
})

function reconfigure(server: http.Server, limits: ServerLimits, tls: TlsTexts | undefined): void {
  if (tls && server instanceof https.Server) server.setSecureContext(tls)
  Object.assign(server, timesOf(limits))
}

function bareServer({ tls, limits = {} }: ServerOptions): http.Server {
  const { headersTimeout, keepAliveTimeout } = timesOf(limits)
  const settings: http.ServerOptions = {
    headersTimeout,
    requestTimeout: 0,
    ServerResponse: WatchedResponse as typeof ServerResponse,
    keepAliveTimeout,
    maxHeaderSize: limits.maxHeaderSize ?? 32 * 1024,
    connectionsCheckingInterval: Math.max(50, Math.min(1000, headersTimeout / 4)),
    noDelay: true,
  }
  return tls ? https.createServer({ ...settings, ...tls }) : http.createServer(settings)
}

async function guarded(
  options: ServerOptions,
  req: IncomingMessage,
  res: ServerResponse,
  sendContinue: () => void,
): Promise<void> {
  try {
    await options.onRequest(req, res, sendContinue)
  } catch (error) {
    options.log.error({ err: error, requestId: requestId(req) }, 'request handler failed')
    res.destroy()
  }
}

function continueOnce(res: ServerResponse): () => void {
  let sent = false
  return () => {
    if (sent || res.headersSent || res.destroyed) return
    sent = true
    res.writeContinue()
  }
}

function listen(server: http.Server, text: string): Promise<AddressInfo> {
  const address = parseListenAddress(text)
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(listenError(address, error))
    server.once('error', failed)
    server.listen(address.port, address.host, () => {
      server.off('error', failed)
      resolve(server.address() as AddressInfo)
    })
  })
}

/** Connections on which nothing was asked yet: Node takes them for busy. Browsers and load balancers hold some ready. */
function silentConnections(server: http.Server): Set<Duplex> {
  const silent = new Set<Duplex>()
  server.on(server instanceof https.Server ? 'secureConnection' : 'connection', (socket: Duplex) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  return silent
}

/** How long a request that is on its way may take to arrive. */
const arrivingMs = 500

function close(server: http.Server, silent: ReadonlySet<Duplex>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const cutSilent = setTimeout(() => silent.forEach((socket) => socket.destroy()), arrivingMs)
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(cutSilent)
      clearTimeout(cut)
      resolve()
    })
  })
}
