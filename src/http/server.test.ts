import assert from 'node:assert/strict'
import { request } from 'node:https'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { makeCertificate } from '../../test/certificate.ts'
import { emptyContent, jsonContent } from './content.ts'
import { parseListenAddress } from './listen-address.ts'
import { startLoopback } from './loopback.testing.ts'
import { makeToken } from '../lib/tokens.ts'
import { requestId } from './request-id.ts'
import { send } from './send.ts'
import { createServer, type ServerOptions } from './server.ts'

const ok: ServerOptions['onRequest'] = (req, res) => send(req, res, 200, {}, jsonContent({ ok: true }))
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

const put = (path: string) =>
  `PUT ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`

test('requests that are no HTTP are answered once and closed', async (t) => {
  const { exchange } = await startLoopback(t, ok, { limits: { maxHeaderSize: 2048 } })
  const garbage = await exchange('hello\r\n\r\nmore\r\n\r\n')
  assert.match(garbage, /^HTTP\/1\.1 400 Bad Request\r\n/)
  assert.match(garbage, /"message":"this is not a valid HTTP request"\}$/)
  assert.match(
    await exchange(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(4000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  )
  assert.match(await exchange('GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /)
  const smuggling =
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
  assert.match(await exchange(smuggling), /^HTTP\/1\.1 400 /)
  assert.match(
    await exchange('GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
    /^HTTP\/1\.1 400 /,
  )
})

test('headers that do not arrive are 408, and do not keep others from being served', async (t) => {
  const { dial, port } = await startLoopback(t, ok, { limits: { headersMs: 300 } })
  const slow = Array.from({ length: 200 }, () => dial())
  for (const { socket } of slow) socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ')
  const silent = dial()
  const started = performance.now()
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200)
  assert.ok(performance.now() - started < 300)
  for (const { closed } of slow) assert.match(await closed, /^HTTP\/1\.1 408 /)
  await silent.closed
})

test('a body may take longer than the headers may', async (t) => {
  const { dial } = await startLoopback(
    t,
    async (req, res) => {
      await once(req.resume(), 'end')
      await ok(req, res, () => {})
    },
    { limits: { headersMs: 200 } },
  )
  const connection = dial()
  connection.socket.write('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n')
  for (let sent = 0; sent < 5; sent++) {
    await pause(120)
    connection.socket.write('x')
  }
  assert.match(await connection.closed, /^HTTP\/1\.1 200 /)
})

test('Expect: 100-continue goes to the same handler, which may refuse first', async (t) => {
  const { exchange, dial } = await startLoopback(t, async (req, res, sendContinue) => {
    if (req.url === '/no') return send(req, res, 401, {}, emptyContent)
    sendContinue()
    sendContinue()
    await once(req.resume(), 'end')
    return ok(req, res, sendContinue)
  })
  assert.match(await exchange(put('/no')), /^HTTP\/1\.1 401 /)
  const connection = dial()
  connection.socket.write(put('/yes'))
  await connection.until('100 Continue')
  connection.socket.write('abc')
  const all = await connection.closed
  assert.equal(all.split('100 Continue').length, 2)
  assert.match(all, /HTTP\/1\.1 200 OK/)
})

test('what the handler throws is logged with the request id, and the connection cut', async (t) => {
  const { exchange, logged } = await startLoopback(t, (req) => {
    if (req.url === '/now') throw new Error('thrown')
    return Promise.reject(new Error('rejected'))
  })
  assert.equal(await exchange(get.replace('/', '/now')), '')
  assert.equal(await exchange(get), '')
  assert.deepEqual(logged, [
    'request handler failed: Error: thrown',
    'request handler failed: Error: rejected',
  ])
})

test('request ids differ from request to request and not within one', async (t) => {
  const { port } = await startLoopback(t, (req, res) =>
    send(req, res, 200, { seen: requestId(req) }, emptyContent),
  )
  const ids = []
  for (let count = 0; count < 2; count++) {
    const { headers } = await fetch(`http://127.0.0.1:${port}/`)
    assert.equal(headers.get('seen'), headers.get('x-request-id'))
    ids.push(headers.get('x-request-id'))
  }
  assert.notEqual(ids[0], ids[1])
})

test("a proxy's request id is taken over where it is well-formed, and no token in its place", async (t) => {
  const { port } = await startLoopback(t, (req, res) => send(req, res, 200, {}, emptyContent))
  const answered = async (id: string) =>
    (await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-request-id': id } })).headers.get(
      'x-request-id',
    )
  for (const id of [
    '01HZXW7K2QH4T8N3V5B6C7D8E9',
    '7a1c60b2-2f0e-4a5e-9d3f-6f2a3c1b0d4e',
    '0123456789abcdef0123456789abcdef',
  ])
    assert.equal(await answered(id), id)
  for (const id of [
    'abc',
    'no-hex-number',
    'with space in it',
    'x'.repeat(41),
    '<script>alert</script>',
    makeToken('ept_'),
  ])
    assert.match((await answered(id))!, /^[0-9a-f-]{36}$/)
})

test('a busy port is one line that says what to do', async (t) => {
  const { port, logged } = await startLoopback(t, ok)
  const second = createServer({ log: { error: () => {}, warn: () => {} }, onRequest: ok })
  await assert.rejects(second.listen(`127.0.0.1:${port}`), (error: Error) => {
    assert.match(
      error.message,
      new RegExp(`^cannot listen on 127\\.0\\.0\\.1:${port}: the port is already in use; .*ENTREPOT_LISTEN`),
    )
    assert.ok(!error.message.includes('\n'))
    return true
  })
  assert.deepEqual(logged, [])
})

test('listen addresses', () => {
  assert.deepEqual(parseListenAddress('127.0.0.1:8080'), { host: '127.0.0.1', port: 8080 })
  assert.deepEqual(parseListenAddress('[::]:0'), { host: '::', port: 0 })
  assert.deepEqual(parseListenAddress('localhost:1'), { host: 'localhost', port: 1 })
  for (const text of [
    '',
    '8080',
    ':8080',
    '::1:80',
    '127.0.0.1',
    'a:b',
    'a:65536',
    'a:-1',
    'http://a:1',
    'a b:1',
    '[]:1',
  ]) {
    assert.throws(() => parseListenAddress(text), /cannot listen on .*127\.0\.0\.1:8080/, text)
  }
})

test('close lets a request in flight finish, closes idle connections at once and cuts the rest', async (t) => {
  let finish: (() => void) | undefined
  const { dial, listener } = await startLoopback(t, async (req, res) => {
    if (req.url === '/slow') await new Promise<void>((resolve) => (finish = resolve))
    if (req.url === '/never') return
    await ok(req, res, () => {})
  })
  const [idle, slow, never] = [dial(), dial(), dial()]
  idle.socket.write(get)
  await idle.until('{"ok":true}')
  slow.socket.write(get.replace('/', '/slow'))
  await once(listener.server, 'request')
  never.socket.write(get.replace('/', '/never'))
  await once(listener.server, 'request')
  const closing = listener.close(400)
  await idle.closed
  finish?.()
  assert.match(await slow.closed, /\{"ok":true\}$/)
  assert.equal(await never.closed, '')
  await closing
})

test('TLS', async (t) => {
  const tls = makeCertificate()
  const { port } = await startLoopback(t, ok, { tls })
  const client = request({ host: '127.0.0.1', port, ca: tls.cert, agent: false }).end()
  const [response] = await once(client, 'response')
  assert.equal(response.statusCode, 200)
  for await (const chunk of response) assert.equal(String(chunk), '{"ok":true}')
})
