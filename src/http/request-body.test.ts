import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { Problem } from '../lib/problem.ts'
import { jsonContent } from './content.ts'
import { startLoopback } from './loopback.testing.ts'
import { requestBody, type BodyLimits } from './request-body.ts'
import { send } from './send.ts'

/** Answers with the size of the body, or with the problem it failed with; `outcomes` keeps both. */
async function swallow(t: TestContext, limits: BodyLimits, pauseMs = 0) {
  const outcomes: string[] = []
  const loopback = await startLoopback(t, async (req, res, sendContinue) => {
    try {
      let size = 0
      for await (const chunk of requestBody(req, { ...limits, sendContinue })) {
        size += chunk.length
        if (pauseMs) await pause(pauseMs)
      }
      outcomes.push(String(size))
      await send(req, res, 200, {}, jsonContent({ size }))
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
      outcomes.push(error.code)
      await send(req, res, error.status, {}, jsonContent({ message: error.message }))
    }
  })
  return { ...loopback, outcomes, url: `http://127.0.0.1:${loopback.port}/` }
}

const head = (...headers: string[]) => ['PUT / HTTP/1.1', 'Host: a', ...headers, '', ''].join('\r\n')
const chunked = head('Transfer-Encoding: chunked', 'Connection: close')

test('bodies up to the limit arrive, without one too, and the connection stays', async (t) => {
  const { url, outcomes } = await swallow(t, { limit: 3_000_000 })
  for (const body of [Buffer.alloc(3_000_000), Buffer.alloc(0), 'x', undefined]) {
    const response = await fetch(url, { method: 'PUT', body })
    assert.equal(response.status, 200)
    assert.notEqual(response.headers.get('connection'), 'close')
  }
  assert.deepEqual(outcomes, ['3000000', '0', '1', '0'])
})

test('a Content-Length over the limit is refused unread', async (t) => {
  const { exchange, outcomes } = await swallow(t, { limit: 10 })
  const answer = await exchange(head('Content-Length: 99999999', 'Expect: 100-continue'))
  assert.match(answer, /^HTTP\/1\.1 413 /)
  assert.match(answer, /larger than 10 bytes/)
  assert.deepEqual(outcomes, ['too_large'])
})

test('a chunked body is stopped as it passes the limit', async (t) => {
  const { dial, outcomes } = await swallow(t, { limit: 10 })
  const connection = dial()
  connection.socket.write(`${chunked}8\r\n12345678\r\n`)
  await pause(20)
  assert.deepEqual(outcomes, [])
  connection.socket.write('8\r\n12345678\r\n')
  assert.match(await connection.closed, /^HTTP\/1\.1 413 /)
  assert.deepEqual(outcomes, ['too_large'])
})

test('a client that pauses too long gets 408 and is closed; one that trickles does not', async (t) => {
  const { dial, outcomes } = await swallow(t, { limit: 100, stallMs: 150 })
  const stalling = dial()
  stalling.socket.write(head('Content-Length: 10') + 'abc')
  assert.match(await stalling.closed, /^HTTP\/1\.1 408 .*\r\nconnection: close\r\n/is)
  const trickling = dial()
  trickling.socket.write(head('Content-Length: 10', 'Connection: close'))
  for (let sent = 0; sent < 10; sent++) {
    await pause(50)
    trickling.socket.write('x')
  }
  assert.match(await trickling.closed, /^HTTP\/1\.1 200 /)
  assert.deepEqual(outcomes, ['timeout', '10'])
})

test('a slow reader of ours is no pause of the client', async (t) => {
  const { url, outcomes } = await swallow(t, { limit: 1_000_000, stallMs: 40 }, 100)
  assert.equal((await fetch(url, { method: 'PUT', body: Buffer.alloc(400_000) })).status, 200)
  assert.deepEqual(outcomes, ['400000'])
})

test('a client that goes in the middle fails the body', async (t) => {
  const { dial, outcomes } = await swallow(t, { limit: 100 })
  for (const start of [head('Content-Length: 10') + 'abc', `${chunked}3\r\nabc\r\n`]) {
    const connection = dial()
    connection.socket.end(start)
    await connection.closed
  }
  while (outcomes.length < 2) await pause(5)
  assert.deepEqual(outcomes, ['aborted', 'aborted'])
})

test('broken chunk framing fails the body and is answered once', async (t) => {
  const { exchange, outcomes } = await swallow(t, { limit: 100 })
  const answer = await exchange(`${chunked}3\r\nabc\r\nnonsense\r\n\r\n`)
  assert.match(answer, /^HTTP\/1\.1 400 /)
  assert.equal(answer.split('HTTP/1.1').length, 2)
  while (outcomes.length < 1) await pause(5)
  assert.deepEqual(outcomes, ['aborted'])
})

test('100 Continue is sent when the body is first read', async (t) => {
  const { dial } = await swallow(t, { limit: 100 })
  const connection = dial()
  connection.socket.write(head('Content-Length: 3', 'Expect: 100-continue', 'Connection: close'))
  await connection.until('HTTP/1.1 100 Continue\r\n\r\n')
  connection.socket.write('abc')
  assert.match(await connection.closed, /\{"size":3\}$/)
})
