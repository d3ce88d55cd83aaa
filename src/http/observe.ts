/** Watches every request to its end: counts it, and writes its line of the log. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Principal } from '../core/access/principal.ts'
import type { Core } from '../core/core.ts'
import { addressOf } from './identify-caller.ts'
import { requestId } from './request-id.ts'

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

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE'])
const statuses = ['', '1xx', '2xx', '3xx', '4xx', '5xx']
/** Asked for by machines every few seconds. */
const probe = /^\/-\/(health|liveness|readiness|metrics)$/

/** Makes what has to be called first with every request. */
export function createObserver(core: Core): (req: IncomingMessage, res: ServerResponse) => void {
  const { metrics, log } = core
  return (req, res) => {
    const began = performance.now()
    const { requests: level } = core.config.log
    const address = level !== 'off' && log.isLevelEnabled(level) ? addressOf(core, req) : undefined
    res.once('close', () => {
      const ms = performance.now() - began
      const { route, format, caller } = seenOf(req)
      const method = methods.has(req.method!) ? req.method! : 'OTHER'
      const isWhole = res.writableFinished
      const { received, sent } = bytesOf(req.socket)
      metrics.requests.add(
        1,
        format,
        route,
        method,
        isWhole ? statuses[Math.floor(res.statusCode / 100)]! : 'cut',
      )
      metrics.requestSeconds.observe(ms / 1000, format, method)
      metrics.receivedBytes.add(received, format)
      metrics.sentBytes.add(sent, format)
      if (address === undefined || level === 'off') return
      const status = isWhole || res.headersSent ? res.statusCode : 0
      const line = {
        requestId: requestId(req),
        method,
        route,
        ...(format === '' ? {} : { format }),
        status,
        ...(isWhole ? {} : { cut: true }),
        ms: Math.round(ms * 10) / 10,
        received,
        sent,
        ...(caller === undefined ? {} : { caller }),
        address,
      }
      log[probe.test(route) ? 'debug' : level](line, 'request')
    })
  }
}

/** What went over the connection since its last request ended. */
function bytesOf(socket: Counted): { received: number; sent: number } {
  const last = socket[before]
  const now = { received: socket.bytesRead, sent: socket.bytesWritten }
  socket[before] = now
  return last ? { received: now.received - last.received, sent: now.sent - last.sent } : now
}
