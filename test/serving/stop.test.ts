/** A server that is told to stop: nothing that it began is lost, and nobody is sent to it any more. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { heldUpload } from '../held-upload.ts'
import { startServed, type Served } from './served.ts'

async function withServed(yaml: string, use: (served: Served) => Promise<void>): Promise<void> {
  const served = await startServed(yaml)
  try {
    await use(served)
  } finally {
    await served.remove()
  }
}

/** Of the answer to a GET over this agent. */
async function headersOf(url: string, token: string, agent: Agent) {
  const sending = request(url, { agent, headers: { 'private-token': token } }).end()
  const [reply] = (await once(sending, 'response')) as [IncomingMessage]
  reply.resume()
  await once(reply, 'end')
  return { status: reply.statusCode, connection: reply.headers.connection }
}

for (const workers of [1, 2]) {
  test(`an upload half-way when SIGTERM arrives is finished and acknowledged, with ${workers} process(es)`, () =>
    withServed(`workers: ${workers}`, async ({ files, root, signal, ended, url, log }) => {
      const uploads = [1, 2, 3].map((name) => heldUpload(`${files}/tool/1/${name}`, root.token))
      const held = await Promise.all(uploads)
      const idle = connect(Number(new URL(url).port), '127.0.0.1')
      await once(idle, 'connect')
      signal('SIGTERM')
      await once(idle.resume(), 'close')
      await assert.rejects(fetch(`${url}/-/readiness`), 'nothing new is taken')
      for (const upload of held) assert.equal(await upload.finish(), 201)
      assert.equal(await ended, 0)
      assert.deepEqual(
        log.filter(({ level }) => level >= 40),
        [],
      )
    }))
}

test('with a delay, readiness says no first, while everything else goes on', () =>
  withServed('shutdown: {delay: 1s}', async ({ url, root, files, signal, ended, logged }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    assert.equal((await root.put(`${files}/tool/1/a`, 'a')).status, 201)
    signal('SIGTERM')
    await logged('stopping: requests in flight are finished first')
    const ready = await root.get('/-/readiness')
    assert.equal(ready.status, 503)
    assert.deepEqual(((await ready.json()) as any).shutdown_check, [
      { status: 'failed', message: 'the server is stopping' },
    ])
    assert.equal((await root.get('/-/liveness')).status, 200)
    assert.equal((await headersOf(`${files}/tool/1/a`, root.token, agent)).status, 200)
    assert.equal(url.length > 0 && (await ended), 0)
    agent.destroy()
  }))

test('the answers to requests in flight say that their connection closes', () =>
  withServed('', async ({ root, files, signal, ended, logged }) => {
    const sending = request(`${files}/tool/1/a`, {
      method: 'PUT',
      agent: new Agent({ keepAlive: true }),
      headers: { 'private-token': root.token, 'content-length': '2' },
    })
    sending.write('a')
    await sleep(300)
    signal('SIGTERM')
    await logged('stopping: requests in flight are finished first')
    sending.end('b')
    const [reply] = (await once(sending, 'response')) as [IncomingMessage]
    assert.deepEqual([reply.statusCode, reply.headers.connection], [201, 'close'])
    reply.resume()
    assert.equal(await ended, 0)
  }))

for (const workers of [1, 2]) {
  test(`beyond the grace what is left is cut, with ${workers} process(es)`, () =>
    withServed(`{workers: ${workers}, shutdown: {grace: 500ms}}`, async ({ files, root, signal, ended }) => {
      const upload = await heldUpload(`${files}/tool/1/a`, root.token)
      const began = performance.now()
      signal('SIGTERM')
      assert.equal(await ended, 0)
      assert.ok(performance.now() - began < 10_000)
      await upload.hangUp()
    }))

  test(`a second signal ends it at once, with ${workers} process(es)`, () =>
    withServed(`workers: ${workers}`, async ({ files, root, signal, ended, logged }) => {
      const upload = await heldUpload(`${files}/tool/1/a`, root.token)
      signal('SIGTERM')
      await logged('stopping: requests in flight are finished first')
      await sleep(600)
      signal('SIGTERM')
      assert.equal(await ended, 1)
      await upload.hangUp()
    }))
}
