/** A client that sends exactly what it is told, and tells exactly what came back. */
import assert from 'node:assert/strict'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import type { Format } from '../format.ts'
import type { ClientRequest } from './samples.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** As received: not decompressed. */
  readonly body: Buffer
  readonly text: string
}

/** Whose token goes with a request; `token` is empty for the anonymous caller. */
export interface Caller {
  readonly token: string
}

/** One request on a connection of its own. `prefix` is the registry's whole URL. Rejects if no answer comes. */
export function call(caller: Caller, prefix: string, asked: ClientRequest): Promise<Answer> {
  const url = new URL(prefix)
  return new Promise((resolve, reject) => {
    const sending = request({
      host: url.hostname,
      port: url.port,
      method: asked.method,
      path: url.pathname + asked.path,
      headers: {
        ...(caller.token ? { 'private-token': caller.token } : {}),
        ...(asked.body === undefined ? {} : { 'content-length': Buffer.byteLength(asked.body) }),
        ...asked.headers,
      },
      agent: false,
    })
    sending.on('error', reject)
    sending.on('response', (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', reject)
      reply.on('end', () => {
        const body = Buffer.concat(chunks)
        resolve({ status: reply.statusCode!, headers: reply.headers, body, text: body.toString() })
      })
    })
    sending.end(asked.body)
  })
}

/** Writes `bytes` to the server as they are and reads until it closes, or hangs up `hangUpAfterMs` after writing. */
export function exchangeBytes(url: string, bytes: string | Buffer, hangUpAfterMs?: number): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    socket.write(bytes, () => {
      if (hangUpAfterMs !== undefined) setTimeout(() => socket.destroy(), hangUpAfterMs)
    })
  })
}

/** Asserts a success and returns the answer. */
export function succeeded(answer: Answer): Answer {
  assert.ok(answer.status >= 200 && answer.status < 300, `${answer.status} ${answer.text.slice(0, 500)}`)
  return answer
}

/** Asserts that a refusal is written as this format's clients expect errors. */
export function assertDialect(format: Format<any>, answer: Answer): void {
  const { status } = answer
  const expected = format.access.error({ status, code: 'invalid', message: 'x' })
  if (!('json' in expected)) {
    assert.equal(answer.headers['content-type'], expected.headers?.['content-type'])
    return
  }
  assert.match(String(answer.headers['content-type']), /^application\/json/)
  const keys = (value: unknown) => Object.keys(value as object).toSorted()
  assert.deepEqual(
    keys(JSON.parse(answer.text)),
    keys(expected.json),
    `${status} ${answer.text.slice(0, 500)}`,
  )
}
