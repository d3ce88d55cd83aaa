/** Requests through the public URL, each on a connection of its own, exactly as written. */
import http, { type IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { probeHeader } from '../../core/access/probe-token.ts'
import type { Arrived } from '../../http/probe.ts'

export interface Wish {
  /** Below the public URL, undecoded; with `atRoot` below its host. */
  readonly path?: string
  readonly atRoot?: boolean
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent chunked unless `headers` have a Content-Length. */
  readonly body?: AsyncIterable<Uint8Array>
  /** Sends `Expect: 100-continue`, and the body when it is told to go on, or after two seconds. */
  readonly expect?: boolean
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Whether `100 Continue` came. */
  readonly continued: boolean
  /** Between the first byte of the body and its last, in milliseconds. */
  readonly spreadMs: number
  /** Ours. */
  readonly port: number | undefined
}

export interface Asker {
  ask(wish?: Wish): Promise<Reply>
  /** What of it arrived. Throws `NotArrived` where somebody else answered. */
  arrived(wish?: Wish): Promise<Arrived & { readonly direct: boolean }>
}

/** The server did not get the request, or its answer did not come back. */
export class NotArrived extends Error {
  override name = 'NotArrived'
  /** What was answered instead. */
  readonly status: number
  constructor({ status, headers, body }: Reply) {
    const server = headers.server ? ` by ${headers.server}` : ''
    super(`answered with ${status}${server}: ${body.toString('utf8').replaceAll(/\s+/g, ' ').slice(0, 120)}`)
    this.status = status
  }
}

const patienceMs = 30_000
const continueMs = 2_000
const longestReply = 1024 * 1024

export function createAsker(publicUrl: string, token: string): Asker {
  const url = new URL(publicUrl)
  const prefix = url.pathname.replace(/\/+$/, '')
  const ask: Asker['ask'] = (wish = {}) => {
    const path = (wish.atRoot ? '' : prefix) + (wish.path ?? '/-/probe')
    return send(url, path, { ...wish, headers: { [probeHeader]: token, ...wish.headers } })
  }
  return {
    ask,
    async arrived(wish) {
      const reply = await ask(wish)
      const arrived = reply.status === 200 ? arrivedIn(reply.body) : undefined
      if (!arrived) throw new NotArrived(reply)
      return { ...arrived, direct: arrived.port === reply.port }
    },
  }
}

function arrivedIn(body: Buffer): Arrived | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as Arrived
    return value.probe === true ? value : undefined
  } catch {
    return undefined
  }
}

async function send(
  url: URL,
  path: string,
  { method = 'GET', headers = {}, body, expect }: Wish,
): Promise<Reply> {
  const { request } = url.protocol === 'https:' ? https : http
  const all = { ...headers, ...(expect ? { expect: '100-continue' } : {}) }
  const req = request(url, { path, method, headers: all, agent: false, timeout: patienceMs })
  req.on('timeout', () => req.destroy(new Error(`no answer within ${patienceMs / 1000} s`)))
  const reply = replyTo(req)
  let continued = false
  req.on('continue', () => (continued = true))
  try {
    if (expect) {
      req.flushHeaders()
      await firstOf(req, ['continue', 'response', 'error'])
    }
    if (!body) req.end()
    else await pipeline(Readable.from(body), req).catch(() => {})
    return { ...(await reply), continued }
  } finally {
    req.destroy()
  }
}

/** A proxy may answer, and hang up, before it has the whole body: the answer counts. */
function replyTo(req: http.ClientRequest): Promise<Omit<Reply, 'continued'>> {
  const reply = new Promise<Omit<Reply, 'continued'>>((resolve, reject) => {
    let isAnswered = false
    let port: number | undefined
    req.on('socket', (socket) => socket.once('connect', () => (port = socket.localPort)))
    req.on('error', (error) => !isAnswered && reject(error))
    req.on('response', (res) => {
      isAnswered = true
      const pieces: Buffer[] = []
      let length = 0
      let firstAt = performance.now()
      const done = () => {
        const { statusCode: status = 0, headers } = res
        const spreadMs = performance.now() - firstAt
        resolve({ status, headers, body: Buffer.concat(pieces), spreadMs, port })
      }
      res.on('data', (piece: Buffer) => {
        if (length === 0) firstAt = performance.now()
        length += piece.length
        if (length <= longestReply) pieces.push(piece)
      })
      res.on('close', done)
      res.on('error', () => {})
    })
  })
  reply.catch(() => {})
  return reply
}

function firstOf(req: http.ClientRequest, names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, continueMs)
    for (const name of names) {
      req.once(name, () => {
        clearTimeout(timer)
        resolve()
      })
    }
  })
}
