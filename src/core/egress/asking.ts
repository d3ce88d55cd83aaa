/** Asks one server once: whether it may be asked, on which connection, and what its answer says about it. */
import { finished } from 'node:stream'
import type { Crawl } from './answer-body.ts'
import type { Circuits } from './circuits.ts'
import type { Connections } from './connections.ts'
import { EgressError } from './egress-error.ts'
import { ConnectionWasClosed, exchange, type EgressStream, type Sending } from './exchange.ts'
import { checkUrl, type Reach } from './reachable.ts'
import type { Hop } from './redirects.ts'
import { isIdempotent, isWorthAnother, retryAfterMs } from './retries.ts'

/** What all requests share. */
export interface Asker {
  readonly circuits: Circuits
  readonly connections: Connections
  readonly crawl: Crawl
  /** The `User-Agent`. */
  readonly name: string
}

/** What is the same for all hops of a request. */
export interface Terms {
  readonly reach: Reach
  readonly lane: string
  readonly maxBytes: number
  readonly stallMs: number
  readonly acceptEncoding: 'gzip' | 'identity'
  readonly signal: AbortSignal
}

/**
 * The answer to one hop.
 * @throws EgressError, or the signal's reason.
 */
export async function ask(asker: Asker, terms: Terms, hop: Hop): Promise<EgressStream> {
  const { circuits } = asker
  const { host, origin } = hop.url
  const circuit = `${terms.lane} ${origin}`
  circuits.admit(circuit, host)
  try {
    const answer = await send(asker, terms, hop)
    if (answer.status === 429) circuits.pause(circuit, retryAfterMs(answer))
    else if (isWorthAnother(answer)) circuits.failed(circuit)
    else watch(circuits, circuit, answer)
    return answer
  } catch (thrown) {
    const error = asEgressError(thrown, host, terms.signal)
    if (isTheirs(error)) circuits.failed(circuit)
    throw error
  }
}

/** A server that answers is well only if its bodies arrive, too, as far as they are wanted. */
function watch(circuits: Circuits, circuit: string, { body }: EgressStream): void {
  finished(body, (error) => {
    if (!error || error.code === 'ERR_STREAM_PREMATURE_CLOSE') circuits.succeeded(circuit)
    else if (isTheirs(error)) circuits.failed(circuit)
  })
}

const isTheirs = (error: unknown) =>
  error instanceof EgressError && (error.failure === 'network' || error.failure === 'timeout')

async function send(asker: Asker, terms: Terms, hop: Hop): Promise<EgressStream> {
  const { url, method } = hop
  const { reach, signal } = terms
  checkUrl(url)
  // What must not be sent twice has a connection of its own: who knows whether a kept one is still open.
  const isRepeatable = isIdempotent(method)
  const sending = toSend(asker, terms, hop)
  for (let isFresh = !isRepeatable; ; isFresh = true) {
    const connection = await asker.connections.take({ url, reach, isFresh, signal })
    try {
      return await exchange(connection, sending)
    } catch (error) {
      if (!(error instanceof ConnectionWasClosed)) throw error
    }
  }
}

function toSend({ crawl, name }: Asker, terms: Terms, { url, credential, ...hop }: Hop): Sending {
  const own = {
    'user-agent': name,
    'accept-encoding': terms.acceptEncoding,
    ...(isIdempotent(hop.method) ? {} : { connection: 'close' }),
    ...(credential?.origin === url.origin ? { [credential.name]: credential.value } : {}),
  }
  return { ...terms, ...hop, crawl, url, host: url.host, headers: { ...hop.headers, ...own } }
}

function asEgressError(error: unknown, host: string, signal: AbortSignal): unknown {
  if (error instanceof EgressError) return error
  if (signal.aborted) return signal.reason
  const { name, code, message } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return new EgressError('network', `${host} cannot be connected to`, error)
  return new EgressError('network', `asking ${host} failed: ${code ?? message}`, error)
}
