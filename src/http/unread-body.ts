/** Requests answered before their body was read, so that clients see the answer and the connection is not reused. */
import type { IncomingMessage } from 'node:http'

const readAnyway = 64 * 1024

/**
 * Whether the rest of the body must not be waited for, being long or of unknown length: the answer then says
 * `Connection: close`. A short rest is read and dropped by Node itself, which also closes where `Expect: 100-continue`
 * was never answered.
 */
export function leavesBodyUnread(req: IncomingMessage): boolean {
  if (req.complete) return false
  const { headers } = req
  if (headers['transfer-encoding'] !== undefined) return true
  return Number(headers['content-length'] ?? 0) > readAnyway
}

/**
 * Reads and drops what still comes, until the client ends or goes, for `maxMs` at most; after `maxBytes` it only waits,
 * so that a client that sends without end is held up and looks at the answer. To be awaited between writing an answer
 * and closing: closing on unread bytes resets the connection, and the answer is lost.
 */
export function discardBody(req: IncomingMessage, maxBytes = 1024 * 1024, maxMs = 1000): Promise<void> {
  return new Promise((resolve) => {
    let left = maxBytes
    const settle = () => {
      clearTimeout(timer)
      req.off('data', count).off('end', settle).off('close', settle).off('error', settle)
      req.pause()
      resolve()
    }
    const count = (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) req.off('data', count).pause()
    }
    const timer = setTimeout(settle, maxMs)
    if (req.readableEnded || req.destroyed) return settle()
    req.on('data', count).on('end', settle).on('close', settle).on('error', settle)
    req.resume()
  })
}
