/** Several processes that serve one address: to a client they are one server. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Agent, request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServed, type Served } from './served.ts'

let served: Served
before(async () => {
  served = await startServed('workers: 2')
})
after(() => served.remove())

const clients = 16
const rounds = 12

/** The processes that answer requests, by number. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
  return text.split(' ').filter(Boolean).map(Number)
}

/** One request on a connection of its own, which the system may hand to any process; undefined: it was cut. */
async function ask(method: string, path: string, body?: string) {
  const sending = request(`${served.files}/${path}`, {
    method,
    agent: new Agent({ keepAlive: false }),
    headers: { 'private-token': served.root.token },
  })
  try {
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>
    sending.end(body)
    const [reply] = await answered
    const text = Buffer.concat(await reply.toArray()).toString()
    return { status: reply.statusCode!, text }
  } catch {
    return undefined
  }
}

/** Publishes, and reads at once over another connection. Gives what was acknowledged. */
async function publishAndRead(client: number): Promise<string[]> {
  const acknowledged: string[] = []
  for (let round = 0; round < rounds; round++) {
    const path = `tool-${client}/1.${round}/file.txt`
    const published = await ask('PUT', path, path)
    if (published === undefined) continue
    assert.equal(published.status, 201, published.text)
    acknowledged.push(path)
    const read = await ask('GET', path)
    if (read !== undefined) assert.deepEqual(read, { status: 200, text: path }, 'it reads what was written')
  }
  return acknowledged
}

test('16 clients publish and read their writes, whichever process answers', async () => {
  const all = await Promise.all(Array.from({ length: clients }, (_, client) => publishAndRead(client)))
  assert.equal(all.flat().length, clients * rounds)
  const metrics = await (await fetch(`${served.url}/-/metrics`)).text()
  const counted = /entrepot_publications_total\{format="generic"\} (\d+)/.exec(metrics)?.[1]
  assert.equal(Number(counted), clients * rounds, 'the metrics are those of all processes')
  assert.equal(childrenOf(served.pid).length, 2)
})

test('a process that is killed under load takes nothing with it that was acknowledged, and is replaced', async () => {
  const victim = childrenOf(served.pid)[0]!
  const load = Promise.all(Array.from({ length: clients }, (_, client) => publishAndRead(client + clients)))
  await sleep(400)
  process.kill(victim, 'SIGKILL')
  const acknowledged = (await load).flat()
  assert.ok(acknowledged.length > clients, `${acknowledged.length} publications were acknowledged`)
  for (const path of acknowledged) assert.deepEqual(await ask('GET', path), { status: 200, text: path })
  await served.logged('a process that answers requests died; another one follows')
  for (let waited = 0; childrenOf(served.pid).length < 2 && waited < 100; waited++) await sleep(100)
  const now = childrenOf(served.pid)
  assert.equal(now.length, 2)
  assert.ok(!now.includes(victim))
})

test('one process greets for all', async () => {
  const lines = served.said.filter((line) => line.startsWith('Entrepot serves'))
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /, 2 processes\)$/)
})

test('when it stops, all of them go', async () => {
  const children = childrenOf(served.pid)
  served.signal('SIGTERM')
  assert.equal(await served.ended, 0)
  for (const pid of children) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('a process that cannot start ends the server with its reason', async () => {
  const port = new URL(served.url).port
  const holder = await startServed('', { ENTREPOT_LISTEN: `127.0.0.1:${port}` })
  try {
    await assert.rejects(
      startServed('workers: 2', { ENTREPOT_LISTEN: `127.0.0.1:${port}` }),
      /the port is already in use/,
    )
  } finally {
    await holder.remove()
  }
})
