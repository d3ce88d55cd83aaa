/** A real listener on a free loopback port and raw connections to it, for the tests of this folder. */
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { createServer, type Listener, type ServerOptions } from './server.ts'

export interface Loopback {
  readonly listener: Listener
  readonly port: number
  readonly logged: string[]
  /** A connection that keeps what it received. */
  dial(): Dialled
  /** Writes raw text, resolves with everything received when the server closes. */
  exchange(text: string): Promise<string>
}
export interface Dialled {
  readonly socket: Socket
  received(): string
  /** Resolves when `text` was received; rejects if the connection ends before. */
  until(text: string): Promise<string>
  readonly closed: Promise<string>
}

/** Starts a server for one test; it and its connections end with the test. */
export async function startLoopback(
  t: TestContext,
  onRequest: ServerOptions['onRequest'],
  options: Partial<ServerOptions> = {},
): Promise<Loopback> {
  const logged: string[] = []
  const log = {
    error: (fields: object, message: string) =>
      void logged.push(`${message}: ${'err' in fields ? fields.err : ''}`),
    warn: (_fields: object, message: string) => void logged.push(message),
  }
  const listener = createServer({ log, onRequest, ...options })
  const { port } = await listener.listen('127.0.0.1:0')
  t.after(() => listener.close(0))
  const dial = () => dialled(t, port)
  const exchange = (text: string) => {
    const connection = dial()
    connection.socket.write(text, 'latin1')
    return connection.closed
  }
  return { listener, port, logged, dial, exchange }
}

function dialled(t: TestContext, port: number): Dialled {
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  let text = ''
  let check: (() => void) | undefined
  socket.on('error', () => {})
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    check?.()
  })
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  const until = (wanted: string) =>
    new Promise<string>((resolve, reject) => {
      check = () => void (text.includes(wanted) && resolve(text))
      check()
      void closed.then(() => reject(new Error(`closed after: ${text.slice(0, 2000)}`)))
    })
  return { socket, received: () => text, until, closed }
}
