/**
 * A proxy in front of an S3 server that does wrong on purpose: slow, failing, cutting, lying. Each fault counts how often
 * it was done, so that a test can prove that it reached the program. As the large provider does, it refuses requests that
 * bring an `Authorization` beside a signature in their query.
 */
import { once } from 'node:events'
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * - `slow`: the answer does not come before `slowMs` have passed.
 * - `error-500`, `error-503`: answered so, without asking the server.
 * - `cut`: the answer's body breaks off half-way; one without a body never comes.
 * - `cut-upload`: the connection breaks while the request's body is under way.
 * - `corrupt`: one byte of the answer's body is another one.
 * - `corrupt-upload`: one byte of the request's body is another one.
 * - `lost-answer`: the server does what was asked, and the connection breaks before the answer.
 */
export type Fault =
  | 'slow'
  | 'error-500'
  | 'error-503'
  | 'cut'
  | 'cut-upload'
  | 'corrupt'
  | 'corrupt-upload'
  | 'lost-answer'

export interface FaultRule {
  readonly fault: Fault
  /** Only requests of this method. */
  readonly method?: string
  /** Only requests whose path with its query matches. */
  readonly path?: RegExp
  /** Only so often; default always. */
  readonly times?: number
}

export interface S3Proxy {
  /** `http://localhost:PORT`, to be used as a store's endpoint. */
  readonly endpoint: string
  /** How often each fault was done. */
  readonly done: Readonly<Record<Fault, number>>
  /** Requests refused because they had both a signed address and an `Authorization`. */
  readonly doublySigned: () => number
  /** Requests with a signed address that were let through. */
  readonly signed: () => number
  /** Does wrong from now on, by the first rule that fits; none: does right. */
  misbehave(...rules: readonly FaultRule[]): void
  stop(): Promise<void>
}

export interface ProxyOptions {
  /** Where the S3 server listens; its `endpoint`. */
  readonly to: string
  /** Default one minute. */
  readonly slowMs?: number
  /** Awaited before a request is passed on; what it resolves to hears when it was answered. */
  readonly hold?: (request: IncomingMessage) => Promise<{ done(): void } | undefined>
}

export async function startS3Proxy({ to, slowMs = 60_000, hold }: ProxyOptions): Promise<S3Proxy> {
  const done = { slow: 0, 'error-500': 0, 'error-503': 0, cut: 0, 'cut-upload': 0, corrupt: 0 } as Record<
    Fault,
    number
  >
  Object.assign(done, { 'corrupt-upload': 0, 'lost-answer': 0 })
  const counts = { doublySigned: 0, signed: 0 }
  const target = new URL(to)
  const ending = new AbortController()
  let rules: { rule: FaultRule; left: number }[] = []

  function faultOf(req: IncomingMessage): Fault | undefined {
    const found = rules.find(
      ({ rule, left }) =>
        left > 0 &&
        (rule.method === undefined || rule.method === req.method) &&
        (rule.path === undefined || rule.path.test(req.url!)),
    )
    if (!found) return undefined
    found.left--
    return found.rule.fault
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (/[?&]X-Amz-Signature=/i.test(req.url!)) {
      if (req.headers.authorization !== undefined) {
        counts.doublySigned++
        return refuse(req, res, 400, 'InvalidArgument', 'Only one auth mechanism allowed')
      }
      counts.signed++
    }
    const fault = faultOf(req)
    if (fault) done[fault]++
    if (fault === 'error-500')
      return refuse(req, res, 500, 'InternalError', 'We encountered an internal error')
    if (fault === 'error-503') return refuse(req, res, 503, 'SlowDown', 'Please reduce your request rate')
    if (fault === 'slow') await sleep(slowMs, undefined, { signal: ending.signal })
    const held = await hold?.(req)
    await pass(req, res, target, fault)
    held?.done()
  }
  const server = createServer((req, res) => {
    serve(req, res).catch(() => res.destroy())
  })
  server.requestTimeout = 0
  server.listen(0, 'localhost')
  await once(server, 'listening')
  return {
    endpoint: `http://localhost:${(server.address() as AddressInfo).port}`,
    done,
    doublySigned: () => counts.doublySigned,
    signed: () => counts.signed,
    misbehave(...wanted) {
      rules = wanted.map((rule) => ({ rule, left: rule.times ?? Infinity }))
    },
    async stop() {
      ending.abort()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  req.resume()
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
  res.writeHead(status, { 'content-type': 'application/xml' })
  res.end(req.method === 'HEAD' ? undefined : xml)
}

/** Hands one request on and its answer back, with the fault done to it. */
async function pass(
  req: IncomingMessage,
  res: ServerResponse,
  to: URL,
  fault: Fault | undefined,
): Promise<void> {
  const { method, headers, url } = req
  const sending = forward({ host: to.hostname, port: to.port, method, path: url, headers })
  const failed = once(sending, 'error').then(([error]) => Promise.reject(error as Error))
  failed.catch(() => {})
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>
  answered.catch(() => {})
  await upload(req, sending, fault)
  if (fault === 'cut-upload') {
    sending.destroy()
    return void res.destroy()
  }
  const [answer] = await Promise.race([answered, failed])
  if (fault === 'lost-answer') {
    answer.resume()
    await once(answer, 'end')
    return void res.destroy()
  }
  await download(answer, res, fault)
}

async function upload(req: IncomingMessage, sending: Writable, fault: Fault | undefined): Promise<void> {
  let corrupted = false
  for await (const chunk of req as AsyncIterable<Buffer>) {
    if (fault === 'cut-upload') return
    if (fault === 'corrupt-upload' && !corrupted && chunk.length > 0) {
      chunk[chunk.length - 1]! ^= 1
      corrupted = true
    }
    if (!sending.write(chunk)) await writable(sending)
  }
  sending.end()
}

async function download(
  answer: IncomingMessage,
  res: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const length = Number(answer.headers['content-length'] ?? 0)
  if (fault === 'cut' && length === 0) return void res.destroy()
  res.writeHead(answer.statusCode!, answer.rawHeaders)
  res.flushHeaders()
  let sent = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (fault === 'corrupt' && sent === 0) chunk[0]! ^= 1
    const cutsHere = fault === 'cut' && sent + chunk.length > length / 2
    const piece = cutsHere ? chunk.subarray(0, Math.max(0, Math.floor(length / 2) - sent)) : chunk
    sent += piece.length
    if (res.destroyed) return void answer.destroy()
    if (!res.write(piece) && !cutsHere) await writable(res)
    if (cutsHere) {
      answer.destroy()
      // What was written must be on its way before the end is.
      await sleep(20)
      return void res.destroy()
    }
  }
  res.end()
}

/** Resolves when more can be written, or never again. */
function writable(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, settle)
      resolve()
    }
    for (const event of ['drain', 'close', 'error']) stream.on(event, settle)
  })
}
