/** Streams of bytes to a client: backpressure, clients that go or stop reading, sources that fail or lie. */
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { recyclerOf } from '../lib/recycling.ts'

/** Whether nothing can reach the client any more. */
export function isGone(res: ServerResponse): boolean {
  return res.destroyed || res.closed || res.socket?.destroyed === true
}

/** Cuts the connection if the client takes nothing for `stallMs` while bytes wait for it; until the response ends. */
export function cutIfStalled(res: ServerResponse, stallMs: number): void {
  res.setTimeout(stallMs, () => {
    if (res.writableLength > 0) res.destroy()
    else res.socket?.setTimeout(stallMs)
  })
}

/**
 * Writes `source`, which must hold exactly `length` bytes, calling `begin` (which writes the headers) when its first
 * byte is there: a source that fails before that rejects with nothing sent, and an error can still be answered. Later
 * failures break the connection off and reject. Resolves quietly if the client goes; the source is destroyed always.
 * The response is left open for the caller to end.
 */
export async function streamOut(
  res: ServerResponse,
  source: Readable,
  length: number,
  begin: () => void,
): Promise<void> {
  const stop = () => source.destroy()
  res.once('close', stop)
  try {
    await copy(res, source, length, begin)
  } catch (error) {
    if (isGone(res)) return
    if (res.headersSent) res.destroy()
    throw error
  } finally {
    res.off('close', stop)
    source.destroy()
  }
}

async function copy(res: ServerResponse, source: Readable, length: number, begin: () => void): Promise<void> {
  const recycle = recyclerOf(source)
  let sent = 0
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    if (isGone(res)) return
    if (sent === 0) begin()
    sent += chunk.length
    if (sent > length) break
    if (!write(res, chunk, recycle)) await drained(res)
  }
  if (isGone(res)) return
  if (sent !== length)
    throw new Error(`the stored bytes are not as many as recorded: ${sent} instead of ${length}`)
}

function write(res: ServerResponse, chunk: Uint8Array, recycle: ReturnType<typeof recyclerOf>): boolean {
  if (!recycle) return res.write(chunk)
  return res.write(chunk, (error) => {
    if (!error) recycle(chunk)
  })
}

/** The next 'drain', or the end of the connection. */
function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      res.off('drain', settle)
      res.off('close', settle)
      resolve()
    }
    res.once('drain', settle)
    res.once('close', settle)
    if (isGone(res)) settle()
  })
}
