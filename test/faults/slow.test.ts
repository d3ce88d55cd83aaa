/** Clients that are slow, by nature or on purpose. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, genericFile, npmPackage } from './attempts.ts'
import { startServer, type ServerProcess } from './process.ts'

const second = '1s'
const allLimits = {
  ENTREPOT_LIMITS__HEADERS_TIMEOUT: second,
  ENTREPOT_LIMITS__STALL_TIMEOUT: second,
  ENTREPOT_LIMITS__KEEP_ALIVE: second,
}

async function withServer(
  env: Readonly<Record<string, string>>,
  work: (server: ServerProcess) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-slow-'))
  try {
    const server = (await startServer({ data: join(dir, 'data'), env }))!
    await work(server).finally(() => server.stop())
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** The status of a PUT whose body comes in `pieces` with pauses before each. */
async function trickle({ url, token }: ServerProcess, version: string, pieces: number, pauseMs: number) {
  const path = `/api/v4/projects/acme%2Fapp/packages/generic/slow/${version}/file.bin`
  async function* body() {
    for (let piece = 0; piece < pieces; piece++) {
      await sleep(pauseMs)
      yield Buffer.alloc(10, piece)
    }
  }
  const init = {
    method: 'PUT',
    headers: { 'private-token': token },
    body: Readable.from(body()),
    duplex: 'half',
  }
  const reply = await fetch(url + path, init as unknown as RequestInit)
  const read = await fetch(url + path, { headers: { 'private-token': token } })
  return { status: reply.status, size: (await read.bytes()).length, readable: read.status }
}

it('an upload that trickles on past every time limit succeeds; one that pauses longer does not', async () => {
  await withServer(allLimits, async (server) => {
    const [trickled, paused] = await Promise.all([
      trickle(server, '1.0', 15, 400),
      trickle(server, '2.0', 2, 2500),
    ])
    assert.deepEqual(trickled, { status: 201, size: 150, readable: 200 })
    assert.deepEqual([paused.status, paused.readable], [408, 404])
  })
})

/** Connections whose request headers never end. */
async function slowHeaders(
  { url }: ServerProcess,
  count: number,
): Promise<{ sockets: Socket[]; stop(): void }> {
  const { hostname, port } = new URL(url)
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname))
  for (const socket of sockets) socket.on('error', () => {}).resume()
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  for (const socket of sockets)
    socket.write('PUT /api/v4/projects/1/packages/generic/a/1/b HTTP/1.1\r\nHost: x\r\n')
  let turn = 0
  const drip = setInterval(() => {
    turn += 1
    for (const socket of sockets) if (socket.writable) socket.write(`X-Header-${turn}: slowly\r\n`)
  }, 200)
  return {
    sockets,
    stop() {
      clearInterval(drip)
      for (const socket of sockets) socket.destroy()
    },
  }
}

it('500 connections with endless headers keep nobody from publishing, and are cut', async () => {
  await withServer({ ENTREPOT_LIMITS__HEADERS_TIMEOUT: '3s' }, async (server) => {
    const { sockets, stop } = await slowHeaders(server, 500)
    try {
      const client = createClient(server.url, server.token)
      const began = performance.now()
      for (const attempt of [genericFile('1.0', 10_000), npmPackage('in-time', 10_000)]) {
        assert.equal(await client.send(attempt.upload), 201)
        assert.equal(await client.look(attempt), 'there')
      }
      const took = performance.now() - began
      assert.ok(took < 2500, `publishing took ${took} ms beside 500 slow connections`)
      assert.equal(sockets.filter((socket) => socket.closed).length, 0, 'all were open meanwhile')
      for (let waited = 0; waited < 8000 && sockets.some((socket) => !socket.closed); waited += 100)
        await sleep(100)
      assert.equal(sockets.filter((socket) => !socket.closed).length, 0, 'none is open after its time')
    } finally {
      stop()
    }
  })
})
