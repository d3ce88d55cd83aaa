/** The one client for requests to other servers: checked addresses, limits, retries, and credentials that stay where they belong. */
import { finished } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { networkList } from '../../lib/networks.ts'
import { programVersion } from '../../lib/version.ts'
import { discard, type Crawl } from './answer-body.ts'
import { ask, type Asker, type Terms } from './asking.ts'
import { createCircuits } from './circuits.ts'
import { createConnections, type ConnectionLimits, type Connections } from './connections.ts'
import { EgressError } from './egress-error.ts'
import type { EgressStream } from './exchange.ts'
import { checkTarget, mayUse, resolveName, sharedLookups, type Reach, type Resolve } from './reachable.ts'
import { follow, type Hop } from './redirects.ts'
import { isIdempotent, patiently, type Patience } from './retries.ts'
import { openSocket } from './socket.ts'
import { startTimeLimit, type TimeLimit } from './time-limit.ts'
import { createTlsMemory } from './tls-memory.ts'

export type { EgressStream } from './exchange.ts'

/** An answer with its whole body. */
export interface EgressReply extends Omit<EgressStream, 'host' | 'body'> {
  readonly body: Buffer
}

export interface EgressRequest {
  /** https, or http where that is allowed. */
  readonly url: string | URL
  /** Default GET. Only GET, HEAD, PUT and DELETE are tried again by themselves. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The longest answer that is read, in bytes. */
  readonly maxBytes: number
  /** For everything together: looking up the name, redirects, retries, reading. */
  readonly timeoutMs: number
  /** A header that is sent to this origin only, and no more once a redirect has led elsewhere. */
  readonly credential?: { readonly origin: string; readonly name: string; readonly value: string }
  /** How many redirects are followed: at most 5, the default. 0: they are handed back. */
  readonly redirects?: number
  /** How often it is tried again after a failure that may pass. Default 2. */
  readonly retries?: number
  /** Default `configured`. */
  readonly reach?: Reach
  /** Requests of different lanes do not learn from one another that a server fails. */
  readonly lane?: string
  /** Ends it at any time, with its reason. */
  readonly signal?: AbortSignal
}

/** As an EgressRequest, but `timeoutMs` is for everything up to the head, and `retries` for failures until then. */
export interface EgressStreamRequest extends EgressRequest {
  /** How long the body may say nothing while it is read. Default 20 s. */
  readonly stallMs?: number
  /** Default: no encoding. The body is handed out as it came: `content-encoding` says how (`decodedBody` undoes it). */
  readonly acceptEncoding?: 'gzip'
}

export interface Egress {
  /**
   * The answer, whatever its status.
   * @throws EgressError where there is none; the signal's reason where that ended it.
   */
  fetch(request: EgressRequest): Promise<EgressReply>
  /** The same as soon as the head is there. The body must be read or destroyed. */
  open(request: EgressStreamRequest): Promise<EgressStream>
  /** Ends all connections, in use or not; what is asked from now on fails as `unavailable`. */
  close(): void
}

export interface EgressOptions {
  /** Networks beside the public Internet that may be reached, in CIDR notation. */
  readonly allow?: readonly string[]
  readonly allowHttp?: boolean
  /** The outgoing proxy; what lies in `allow` is reached without it. */
  readonly proxy?: string | undefined
  /** Certificate authorities, PEM; undefined: those Node knows. */
  readonly ca?: readonly string[] | undefined
  readonly connectTimeoutMs?: number
  /** Before the first retry; doubled before each further one. */
  readonly backoffMs?: number
  readonly now?: () => number
  readonly resolve?: Resolve
  /** How many connections there may be, and how long they are kept. */
  readonly connections?: Partial<ConnectionLimits>
  /** The least that a body must come to. Default: 1 KiB/s over the first half minute that its reader waited, and from then on. */
  readonly crawl?: Crawl
}

interface Client extends Asker {
  readonly backoffMs: number
  readonly now: () => number
}

/** Makes the client; it opens connections when they are needed. */
export function createEgress(options: EgressOptions = {}): Egress {
  const now = options.now ?? (() => performance.now())
  const client: Client = {
    circuits: createCircuits(now),
    connections: connectionsOf(options, now),
    crawl: options.crawl ?? { fromMs: 30_000, bytesPerSecond: 1024 },
    name: `Entrepot/${programVersion()}`,
    backoffMs: options.backoffMs ?? 200,
    now,
  }
  return {
    fetch: (request) => fetchWhole(client, request),
    open: (request) => openStream(client, request),
    close: () => client.connections.close(),
  }
}

function connectionsOf(options: EgressOptions, now: () => number): Connections {
  const rules = {
    listed: networkList(options.allow ?? []),
    allowHttp: options.allowHttp ?? false,
    resolve: sharedLookups(options.resolve ?? resolveName),
  }
  const outgoing = options.proxy === undefined ? undefined : new URL(options.proxy)
  const tls = createTlsMemory(options.ca)
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000
  return createConnections({
    async open({ url, reach, signal }) {
      const target = await unlessAborted(checkTarget(url, reach, rules), signal)
      const opening = AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)])
      return openSocket(url, { target, proxy: target.isPublic ? outgoing : undefined, tls, signal: opening })
    },
    mayUse: (url, reach, address) => mayUse(url, reach, rules, address),
    now,
    limits: options.connections,
  })
}

async function fetchWhole(client: Client, request: EgressRequest): Promise<EgressReply> {
  const limit = limitOf(client, request)
  const attempt = async () => {
    const { status, headers, body } = await once(client, { ...request, stallMs: request.timeoutMs }, limit)
    return { status, headers, body: await buffer(body) }
  }
  try {
    return await patiently(patienceOf(client, request, limit), attempt, () => {})
  } finally {
    limit.end()
  }
}

async function openStream(client: Client, request: EgressStreamRequest): Promise<EgressStream> {
  const limit = limitOf(client, request)
  const attempt = () => once(client, request, limit)
  try {
    const answer = await patiently(patienceOf(client, request, limit), attempt, ({ body }) => discard(body))
    limit.lift()
    finished(answer.body, () => limit.end())
    return answer
  } catch (error) {
    limit.end()
    throw error
  }
}

/** One attempt with its redirects. */
function once(client: Client, request: EgressStreamRequest, { signal }: TimeLimit): Promise<EgressStream> {
  const { url, method = 'GET', headers = {}, body, credential } = request
  const first: Hop = { url: asUrl(url), method, headers, body, credential }
  const terms: Terms = {
    reach: request.reach ?? 'configured',
    lane: request.lane ?? '',
    maxBytes: request.maxBytes,
    stallMs: request.stallMs ?? 20_000,
    acceptEncoding: request.acceptEncoding ?? 'identity',
    signal,
  }
  return follow(first, request.redirects, (hop) => ask(client, terms, hop))
}

function limitOf({ now }: Client, { url, timeoutMs, signal }: EgressRequest): TimeLimit {
  const { host } = asUrl(url)
  const late = () => new EgressError('timeout', `${host} did not answer within ${timeoutMs} ms`)
  return startTimeLimit({ ms: timeoutMs, now, late, signal })
}

function patienceOf({ backoffMs }: Client, request: EgressRequest, limit: TimeLimit): Patience {
  const { method = 'GET', retries = 2 } = request
  return { retries: isIdempotent(method) ? retries : 0, backoffMs, limit }
}

/** Looking up a name cannot be broken off, but it can be left behind. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function asUrl(url: string | URL): URL {
  if (typeof url === 'string' && !URL.canParse(url)) {
    throw new EgressError('refused', 'the address to be asked is no URL')
  }
  return new URL(url)
}
