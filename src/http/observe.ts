/** Watches every request to its end: counts it, and writes its line of the log. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Principal } from '../core/access/principal.ts'
import type { Core } from '../core/core.ts'
import type { Metrics } from '../core/metrics/metrics.ts'
import { addressOf } from './identify-caller.ts'
import { requestId } from './request-id.ts'
import { whenOver } from './watched-response.ts'

/** What those who answer a request tell about it. */
export interface Seen {
  /** The pattern that its address matched, never the address itself; '' while none did. */
  route: string
  /** The id of a format, or ''. */
  format: string
  /** As shown: a user name, a token's name. */
  caller: string | undefined
}

const seen = Symbol('what is known of a request')
const before = Symbol('bytes of earlier requests')
type Noted = IncomingMessage & { [seen]?: Seen }
type Counted = Socket & { [before]?: { received: number; sent: number } }

/** What is known of a request so far; to be added to. */
export function seenOf(req: IncomingMessage): Seen {
  return ((req as Noted)[seen] ??= { route: '', format: '', caller: undefined })
}

/** Notes who calls. */
export function sawCaller(req: IncomingMessage, principal: Principal): void {
  if (principal.kind !== 'anonymous') seenOf(req).caller = principal.username
}

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE']
const otherMethod = methods.length
/** By the hundreds of the status; 0: the connection ended before the answer did. */
const statuses = ['cut', '1xx', '2xx', '3xx', '4xx', '5xx']
/** Asked for by machines every few seconds. */
const probe = /^\/-\/(health|liveness|readiness|metrics)$/

/** Makes what has to be called first with every request. */
export function createObserver(core: Core): (req: IncomingMessage, res: ServerResponse) => void {
  const { log } = core
  const count = createCount(core.metrics)
  return (req, res) => {
    const began = performance.now()
    const { requests: level } = core.config.log
    const isLogged = level !== 'off' && log.isLevelEnabled(level)
    const address = isLogged ? addressOf(core, req) : ''
    whenOver(res, () => {
      const ended = { req, res, ms: performance.now() - began, bytes: bytesOf(req.socket) }
      count(ended)
      if (isLogged) log[probe.test(seenOf(req).route) ? 'debug' : level](lineOf(ended, address), 'request')
    })
  }
}

interface Ended {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly ms: number
  readonly bytes: { readonly received: number; readonly sent: number }
}

function lineOf({ req, res, ms, bytes }: Ended, address: string) {
  const { route, format, caller } = seenOf(req)
  return {
    requestId: requestId(req),
    method: req.method,
    route,
    ...(format === '' ? {} : { format }),
    status: res.headersSent ? res.statusCode : 0,
    ...(res.writableFinished ? {} : { cut: true }),
    ms: Math.round(ms * 10) / 10,
    ...bytes,
    ...(caller === undefined ? {} : { caller }),
    address,
  }
}

/** Adds a request to the metrics. What it adds to is looked up by the route, which is the same text each time. */
function createCount(metrics: Metrics): (ended: Ended) => void {
  const byRoute = new Map<string, Record<string, ReturnType<typeof cellsOf>[]>>()
  const cellsOf = (format: string, route: string, method: string, status: string) => ({
    requests: metrics.requests.of(format, route, method, status),
    seconds: metrics.requestSeconds.of(format, method),
    received: metrics.receivedBytes.of(format),
    sent: metrics.sentBytes.of(format),
  })
  return ({ req, res, ms, bytes }) => {
    const { route, format } = seenOf(req)
    const found = methods.indexOf(req.method!)
    const method = found === -1 ? otherMethod : found
    const status = res.writableFinished ? Math.floor(res.statusCode / 100) : 0
    let ofRoute = byRoute.get(route)
    if (!ofRoute) byRoute.set(route, (ofRoute = {}))
    const ofFormat = (ofRoute[format] ??= [])
    const cells = (ofFormat[method * statuses.length + status] ??= cellsOf(
      format,
      route,
      methods[method] ?? 'OTHER',
      statuses[status]!,
    ))
    cells.requests.value += 1
    cells.seconds(ms / 1000)
    cells.received.value += bytes.received
    cells.sent.value += bytes.sent
  }
}

/** What went over the connection since its last request ended. */
function bytesOf(socket: Counted): { received: number; sent: number } {
  const last = socket[before]
  const now = { received: socket.bytesRead, sent: socket.bytesWritten }
  socket[before] = now
  return last ? { received: now.received - last.received, sent: now.sent - last.sent } : now
}
