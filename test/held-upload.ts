/** An upload that has begun and waits: its headers and one byte were sent, and accepted. */
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'

export interface HeldUpload {
  /** Sends the rest; gives the status. */
  finish(): Promise<number>
  /** Breaks it off. */
  hangUp(): Promise<void>
}

/** Resolves once the server asked for the body: the caller is known and counted. */
export async function heldUpload(url: string, token: string): Promise<HeldUpload> {
  const sending = request(url, {
    method: 'PUT',
    headers: { 'private-token': token, expect: '100-continue', 'content-length': '2' },
    agent: false,
  })
  sending.flushHeaders()
  await once(sending, 'continue')
  sending.write('a')
  // Of a server that ends first; `finish` hears of it, too.
  sending.on('error', () => {})
  return {
    async finish() {
      const answered = once(sending, 'response') as Promise<[IncomingMessage]>
      sending.end('b')
      const [reply] = await answered
      reply.resume()
      await once(reply, 'close')
      return reply.statusCode!
    },
    async hangUp() {
      if (sending.closed) return
      sending.destroy()
      await new Promise((resolve) => sending.once('close', resolve))
    },
  }
}
