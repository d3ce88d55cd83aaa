/** The body of an answer as a stream that ends well or fails, but never just stops. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { EgressError } from './egress-error.ts'

/** What a body must at least come to once somebody waited so long for it. */
export interface Crawl {
  readonly fromMs: number
  readonly bytesPerSecond: number
}

export interface BodyLimits {
  /** Named in messages. */
  readonly host: string
  readonly maxBytes: number
  /** The longest silence. */
  readonly stallMs: number
  readonly crawl: Crawl
  /** Ends it with its reason. */
  readonly signal: AbortSignal
}

/**
 * Hands out the body as fast as it is read. Time counts only while the reader waits for the server. Fails with an EgressError:
 * `network` where it breaks off, `timeout` where nothing comes or too little, `too_large`. Destroying it before its end
 * closes the connection.
 */
export function answerBody(asking: ClientRequest, response: IncomingMessage, limits: BodyLimits): Readable {
  const body = new AnswerBody(asking, response, limits)
  // Failures must not end the process where nobody looks any more.
  body.on('error', () => {})
  // Where there is nothing to read nobody need do it.
  if (isEmpty(asking, response)) body.resume()
  return body
}

/** Reads what nobody wants, so that the connection can be kept, or ends it where that would take long. */
export function discard(body: Readable): void {
  let left = 64 * 1024
  body.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) body.destroy()
  })
}

function isEmpty({ method }: ClientRequest, { statusCode, headers }: IncomingMessage): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304 || headers['content-length'] === '0'
}

class AnswerBody extends Readable {
  readonly #asking: ClientRequest
  readonly #response: IncomingMessage
  readonly #limits: BodyLimits
  #bytes = 0
  #waitedMs = 0
  /** Since when the reader waits. */
  #since: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(asking: ClientRequest, response: IncomingMessage, limits: BodyLimits) {
    super()
    this.#asking = asking
    this.#response = response
    this.#limits = limits
    response.on('data', (chunk: Buffer) => this.#take(chunk)).pause()
    response.on('error', (error) => this.#breakOff(error))
    // A body without a length that is reset would count as complete a moment later.
    asking.on('error', (error) => void (response.complete || this.#breakOff(error)))
    response.on('close', () => void (response.readableEnded || this.#breakOff()))
    response.on('end', () => {
      if (!response.complete) return this.#breakOff()
      this.#rest()
      this.push(null)
    })
    limits.signal.addEventListener('abort', this.#abort, { once: true })
  }

  override _read(): void {
    if (!isEmpty(this.#asking, this.#response)) {
      const announced = Number(this.#response.headers['content-length'] ?? 0)
      if (announced > this.#limits.maxBytes) return this.#tooLarge()
    }
    this.#since ??= performance.now()
    this.#timer ??= setTimeout(() => this.#stalled(), this.#limits.stallMs)
    this.#response.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#rest()
    this.#limits.signal.removeEventListener('abort', this.#abort)
    // Does nothing where the connection is kept.
    this.#asking.destroy()
    done(error)
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return
    const now = performance.now()
    const { maxBytes, crawl } = this.#limits
    this.#bytes += chunk.length
    this.#waitedMs += now - (this.#since ?? now)
    this.#since = now
    if (this.#bytes > maxBytes) return this.#tooLarge()
    const least = (this.#waitedMs / 1000) * crawl.bytesPerSecond
    if (this.#waitedMs >= crawl.fromMs && this.#bytes < least)
      return this.#fail('timeout', 'sends too slowly')
    this.#timer?.refresh()
    if (this.push(chunk)) return
    this.#rest()
    this.#response.pause()
  }

  /** The reader waits no more. */
  #rest(): void {
    this.#since = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  readonly #abort = () => void this.destroy(this.#limits.signal.reason)

  #stalled(): void {
    this.#fail('timeout', `said nothing for ${this.#limits.stallMs} ms`)
  }

  #tooLarge(): void {
    this.#fail('too_large', `answered with more than ${this.#limits.maxBytes} bytes`)
  }

  #breakOff(cause?: Error): void {
    this.#fail('network', 'broke its answer off', cause)
  }

  #fail(failure: EgressError['failure'], what: string, cause?: Error): void {
    this.destroy(new EgressError(failure, `${this.#limits.host} ${what}`, cause))
  }
}
