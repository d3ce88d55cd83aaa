/** Request bodies as a stream with limits that act while the bytes arrive. */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { Problem, tooLarge } from '../lib/problem.ts'

export interface BodyLimits {
  /** Most bytes. */
  readonly limit: number
  /** Longest pause of the client, in milliseconds, while we wait for it. Default one minute. */
  readonly stallMs?: number
  /** Called once, when the body is first read: tells a client that sent `Expect: 100-continue` to go on. */
  readonly sendContinue?: () => void
}

const defaultStallMs = 60_000

/**
 * The body of `req`, read only as fast as the stream is. Throws 413 at once if Content-Length is over the limit; the
 * stream fails with a `Problem`: 413 where more than `limit` bytes arrive, 408 where the client pauses too long, 400
 * where it goes away in the middle. Destroying the stream leaves `req` and its connection alone, so that an answer
 * can still be sent (`send` then drops the rest).
 */
export function requestBody(
  req: IncomingMessage,
  { limit, stallMs = defaultStallMs, sendContinue }: BodyLimits,
): Readable {
  const over = () => tooLarge(`the request body is larger than ${limit} bytes`)
  if (Number(req.headers['content-length'] ?? 0) > limit) throw over()
  let left = limit
  let reading: Reading | undefined
  const body = new Readable({
    read() {
      reading ??= start()
      reading.more()
    },
    destroy(error, done) {
      reading?.stop()
      done(error)
    },
  })
  const start = () => {
    sendContinue?.()
    return readFrom(req, stallMs, {
      data(chunk) {
        left -= chunk.length
        if (left < 0) return void body.destroy(over())
        if (!body.push(chunk)) reading?.pause()
      },
      end: () => body.push(null),
      fail: (problem) => body.destroy(problem),
    })
  }
  return body
}

interface Reading {
  more(): void
  pause(): void
  stop(): void
}
interface Sink {
  data(chunk: Buffer): void
  end(): void
  fail(problem: Problem): void
}

function readFrom(req: IncomingMessage, stallMs: number, sink: Sink): Reading {
  const stalled = () => {
    if (req.isPaused()) return
    sink.fail(
      new Problem(408, 'timeout', `no more of the request body arrived for ${stallMs / 1000} seconds`),
    )
  }
  const timer = setTimeout(stalled, stallMs)
  const data = (chunk: Buffer) => {
    timer.refresh()
    sink.data(chunk)
  }
  const gone = () =>
    sink.fail(new Problem(400, 'aborted', 'the connection ended before the request body did'))
  const end = () => {
    stop()
    sink.end()
  }
  const stop = () => {
    clearTimeout(timer)
    req.off('data', data).off('end', end).off('close', gone).off('error', gone)
    req.pause()
  }
  req.on('data', data).on('end', end).on('close', gone).on('error', gone)
  if (req.readableEnded) queueMicrotask(end)
  else if (req.destroyed) queueMicrotask(gone)
  return {
    more() {
      timer.refresh()
      if (req.isPaused()) req.resume()
    },
    pause: () => void req.pause(),
    stop,
  }
}
