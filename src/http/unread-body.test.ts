import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { jsonContent } from './content.ts'
import { startLoopback } from './loopback.testing.ts'
import { send } from './send.ts'

const refuse = (t: Parameters<typeof startLoopback>[0]) =>
  startLoopback(t, (req, res) => send(req, res, 403, {}, jsonContent({ message: 'no' })))

test('a client still sending megabytes sees the refusal, and the connection closes', async (t) => {
  const { port } = await refuse(t)
  const client = request({
    port,
    host: '127.0.0.1',
    method: 'PUT',
    headers: { 'content-length': 200 * 1024 * 1024 },
  })
  client.on('error', () => {})
  const chunk = Buffer.alloc(64 * 1024)
  const more = () => {
    while (!client.destroyed && client.write(chunk));
  }
  client.on('drain', more)
  more()
  const [response] = await once(client, 'response')
  assert.equal(response.statusCode, 403)
  assert.equal(response.headers.connection, 'close')
  const parts = []
  for await (const part of response) parts.push(part)
  assert.equal(Buffer.concat(parts).toString(), '{"message":"no"}')
  client.destroy()
})

test('a chunked body and an unanswered Expect close the connection too', async (t) => {
  const { exchange } = await refuse(t)
  const started = performance.now()
  for (const header of ['Transfer-Encoding: chunked', 'Content-Length: 5\r\nExpect: 100-continue']) {
    const answer = await exchange(`PUT / HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 403 /)
    assert.match(answer, /\r\nconnection: close\r\n/i)
  }
  assert.ok(performance.now() - started < 5000)
})

test('a short rest is dropped and the connection stays', async (t) => {
  const { dial } = await refuse(t)
  const connection = dial()
  const put = 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n'
  connection.socket.write(`${put}hel`)
  const first = await connection.until('"no"}')
  assert.match(first, /\r\nconnection: keep-alive\r\n/i)
  connection.socket.write('loGET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await connection.until('"no"}HTTP/1.1 403')
})

test('after the answer the server goes on taking bytes for a while, then closes', async (t) => {
  const { dial } = await refuse(t)
  const connection = dial()
  let closed = false
  void connection.closed.then(() => (closed = true))
  connection.socket.write(
    `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n${'x'.repeat(100_000)}`,
  )
  await connection.until('"no"}')
  for (let sent = 0; sent < 5; sent++) {
    await pause(40)
    assert.equal(closed, false)
    connection.socket.write('x'.repeat(65_536))
  }
  await connection.closed
})
