/** The one client for requests to other servers: checked addresses, limits, retries, and credentials that stay where they belong. */
import { setTimeout as sleep } from 'node:timers/promises'
import { networkList } from '../../lib/networks.ts'
import { programVersion } from '../../lib/version.ts'
import { createCircuits, type Circuits } from './circuits.ts'
import { EgressError } from './egress-error.ts'
import { exchange, type EgressReply } from './exchange.ts'
import { checkTarget, resolveName, type Reach, type ReachRules, type Resolve } from './reachable.ts'
import { afterRedirect, type Hop } from './redirects.ts'
import { isIdempotent, isWorthAnother, retryAfterMs } from './retries.ts'
import { openSocket } from './socket.ts'

export type { EgressReply } from './exchange.ts'

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
}

export interface Egress {
  /**
   * The answer, whatever its status.
   * @throws EgressError where there is none.
   */
  fetch(request: EgressRequest): Promise<EgressReply>
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
}

interface Client {
  readonly rules: ReachRules
  readonly proxy: URL | undefined
  readonly ca: readonly string[] | undefined
  readonly connectTimeoutMs: number
  readonly backoffMs: number
  readonly now: () => number
  readonly circuits: Circuits
}

interface Fetching {
  readonly request: EgressRequest
  readonly signal: AbortSignal
  readonly deadline: number
}

/** Makes the client; it holds no connection open between requests. */
export function createEgress(options: EgressOptions = {}): Egress {
  const now = options.now ?? (() => performance.now())
  const client: Client = {
    rules: {
      listed: networkList(options.allow ?? []),
      allowHttp: options.allowHttp ?? false,
      resolve: options.resolve ?? resolveName,
    },
    proxy: options.proxy === undefined ? undefined : new URL(options.proxy),
    ca: options.ca,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    backoffMs: options.backoffMs ?? 200,
    now,
    circuits: createCircuits(now),
  }
  return { fetch: (request) => fetchPatiently(client, request) }
}

async function fetchPatiently(client: Client, request: EgressRequest): Promise<EgressReply> {
  const { timeoutMs, retries = 2, method = 'GET' } = request
  const fetching = {
    request,
    signal: AbortSignal.timeout(timeoutMs),
    deadline: client.now() + timeoutMs,
  }
  for (let attempt = 0; ; attempt++) {
    const outcome = await follow(client, fetching).catch((error: unknown) => asEgressError(error, fetching))
    const isLast = attempt >= retries || !isIdempotent(method)
    const pause = Math.max(client.backoffMs * 2 ** attempt * (0.5 + Math.random()), retryAfterMs(outcome))
    if (isLast || !isWorthAnother(outcome) || client.now() + pause >= fetching.deadline) {
      if (outcome instanceof Error) throw outcome
      return outcome
    }
    // Timers may fire a moment early, and the server asked for the whole pause.
    await sleep(pause + 5)
  }
}

/** One attempt with its redirects. */
async function follow(client: Client, fetching: Fetching): Promise<EgressReply> {
  const { request } = fetching
  const { url, method = 'GET', headers = {}, body, credential } = request
  const most = Math.min(request.redirects ?? 5, 5)
  let hop: Hop = { url: asUrl(url), method, headers, body, credential }
  for (let followed = 0; ; followed++) {
    const reply = await ask(client, fetching, hop)
    if (most === 0) return reply
    const next = afterRedirect(hop, reply)
    if (!next) return reply
    if (followed === most)
      throw new EgressError('answer', `${hop.url.host} redirects more than ${most} times`)
    hop = next
  }
}

async function ask(client: Client, { request, signal }: Fetching, hop: Hop): Promise<EgressReply> {
  const { url } = hop
  const { circuits } = client
  const circuit = `${request.lane ?? ''} ${url.origin}`
  circuits.admit(circuit, url.host)
  try {
    const reply = await connectAndAsk(client, request, signal, hop)
    if (reply.status === 429) circuits.pause(circuit, retryAfterMs(reply))
    else if (isWorthAnother(reply)) circuits.failed(circuit)
    else circuits.succeeded(circuit)
    return reply
  } catch (error) {
    const isTheirs = !(error instanceof EgressError) || error.failure === 'network'
    if (isTheirs) circuits.failed(circuit)
    throw error
  }
}

async function connectAndAsk(
  client: Client,
  { reach = 'configured', maxBytes }: EgressRequest,
  signal: AbortSignal,
  { url, method, headers, body, credential }: Hop,
): Promise<EgressReply> {
  const target = await unlessAborted(checkTarget(url, reach, client.rules), signal)
  const opening = AbortSignal.any([signal, AbortSignal.timeout(client.connectTimeoutMs)])
  const proxy = target.isPublic ? client.proxy : undefined
  const socket = await openSocket(url, { target, proxy, ca: client.ca, signal: opening })
  const own = {
    'user-agent': `Entrepot/${programVersion()}`,
    'accept-encoding': 'identity',
    ...(credential?.origin === url.origin ? { [credential.name]: credential.value } : {}),
  }
  return exchange(socket, { url, method, headers: { ...headers, ...own }, body, maxBytes, signal })
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

function asEgressError(error: unknown, { request, signal }: Fetching): EgressError {
  if (error instanceof EgressError) return error
  const { host } = new URL(request.url)
  if (signal.aborted) {
    return new EgressError('timeout', `${host} did not answer within ${request.timeoutMs} ms`, error)
  }
  const { name, code, message } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return new EgressError('network', `${host} cannot be connected to`, error)
  return new EgressError('network', `asking ${host} failed: ${code ?? message}`, error)
}
