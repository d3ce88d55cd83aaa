/** One request on one connection, and its answer: the head first, the body as it comes. */
import { request, type ClientRequest, type IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { answerBody, type BodyLimits } from './answer-body.ts'
import type { Connection } from './connections.ts'
import { EgressError } from './egress-error.ts'

/** An answer whose head is there. */
export interface EgressStream {
  readonly status: number
  /** `content-encoding` says whether the body is encoded: it is handed out as it came. */
  readonly headers: Readonly<IncomingHttpHeaders>
  /** The server that answered in the end, for messages. */
  readonly host: string
  /**
   * To be read or destroyed: until then it holds a connection. Only what the reader asks for is read, and destroying
   * it ends the exchange. An empty one may be over already, and a failure may come at any time: read it with `pipeline`,
   * `for await` or `node:stream/consumers`, which notice both.
   *
   * Fails with an EgressError: `network` where it breaks off or is shorter than announced, `timeout` where the server says
   * nothing for `stallMs` or less than 1 KiB/s over a minute, `too_large` beyond `maxBytes`; with the signal's reason where
   * that ends it.
   */
  readonly body: Readable
}

export interface Sending extends BodyLimits {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

/** The server closed a kept connection before it answered: nothing is wrong with it. */
export class ConnectionWasClosed extends Error {
  override name = 'ConnectionWasClosed'
}

/**
 * Sends, and reads the head.
 * @throws ConnectionWasClosed, EgressError `answer`, the signal's reason, or what the connection reports.
 */
export async function exchange(connection: Connection, sending: Sending): Promise<EgressStream> {
  const { socket, agent, isReused } = connection
  const { url, host, method, headers, body, signal } = sending
  const readBefore = socket.bytesRead
  let abort = () => {}
  try {
    signal.throwIfAborted()
    if (socket.destroyed) throw new EgressError('network', `${host} closed the connection`)
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const asking = request({
      method,
      path: url.pathname + url.search,
      headers: { host: url.host, ...headers, ...length },
      agent,
      maxHeaderSize: 32 * 1024,
    })
    abort = () => void asking.destroy(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const answer = answerTo(asking, sending)
    asking.end(body)
    return await answer
  } catch (error) {
    socket.destroy()
    const isUnanswered = isReused && socket.bytesRead === readBefore
    throw isUnanswered && isClosing(error) ? new ConnectionWasClosed() : error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function isClosing(error: unknown): boolean {
  if (error instanceof EgressError) return error.failure === 'network'
  return ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')
}

function answerTo(asking: ClientRequest, sending: Sending): Promise<EgressStream> {
  const { host } = sending
  return new Promise((resolve, reject) => {
    asking.once('response', (response) => {
      const { statusCode, headers } = response
      resolve({ status: statusCode!, headers, host, body: answerBody(asking, response, sending) })
    })
    // Stays, since an error may come after the head, too; the body reports that.
    asking.on('error', reject)
    asking.once('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new EgressError('answer', `${host} wants to change the protocol`))
    })
  })
}
