/**
 * Nodes, PostgreSQL and the S3 server are killed, and connections cut, while clients publish, read and delete: clients
 * hear of it or try again, and nothing acknowledged is lost, nothing else is left.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from '../../nodes/postgres.ts'
import { startCluster, type Cluster, type Servers } from '../../nodes/cluster.ts'
import { startTcpProxy, type TcpProxy } from '../../nodes/tcp-proxy.ts'
import { createClient, type Attempt } from '../attempts.ts'
import { jobsPath } from '../fault.ts'
import { startLoad, type Known, type Load } from '../load.ts'
import type { ServerProcess } from '../process.ts'

/** In milliseconds: three tries of three seconds each at two steps of an upload, with pauses, on a busy machine. */
const limitMs = 40_000
const sweepAfterMs = 12_000

let cluster: Cluster
let nodes: ServerProcess[]
let quietSince = Date.now()
/** What is known of everything that was tried so far. */
const ledger = new Map<Attempt, Known>()

before(async () => {
  cluster = await startCluster({
    nodes: 3,
    durable: true,
    between: throughProxies,
    env: {
      ENTREPOT_LOG__LEVEL: 'silent',
      ENTREPOT_PACKAGES__SWEEP_AFTER: `${sweepAfterMs / 1000}s`,
      ENTREPOT_PACKAGES__OBJECT_STORE__PROXY_DOWNLOAD: 'true',
      ENTREPOT_PACKAGES__OBJECT_STORE__TIMEOUT: '3s',
      // Nothing of a file stays in memory: each download asks the store.
      ENTREPOT_CACHE__FILES_BYTES: '0',
    },
  })
  nodes = [...cluster.nodes]
})
after(async () => {
  await cluster?.stop()
  for (const proxy of Object.values(proxies)) await proxy.stop()
})

const proxies: Partial<Record<keyof Servers, TcpProxy>> = {}

async function throughProxies(to: Servers): Promise<Servers> {
  return { database: await proxied('database', to), s3: await proxied('s3', to) }
}

async function proxied(name: keyof Servers, to: Servers): Promise<string> {
  const address = new URL(to[name])
  const proxy = await startTcpProxy({ port: Number(address.port) })
  proxies[name] = proxy
  address.port = String(proxy.port)
  return address.href.replace(/\/$/, '')
}

/** Runs `fault` in the middle of load, and checks what clients know against what each node shows. */
async function under(fault: (load: Load) => Promise<void>): Promise<void> {
  const { url: balancer, token } = cluster
  const load = startLoad({ nodes: () => nodes.map(({ url }) => url), balancer, token, clients: 8, limitMs })
  try {
    await busy(load)
    const working = workOnJobs()
    await fault(load)
    await working
    await busy(load)
    assert.ok(load.counts.refused + load.counts.broken > 0, 'the fault reached nobody')
  } finally {
    const known = await load.stop()
    quietSince = Date.now()
    for (const [attempt, state] of known) ledger.set(attempt, state)
    console.log(JSON.stringify(load.counts))
  }
  await settle()
  await assertLedger()
}

/** Purges, sweeps and collects in the middle of it; what fails then is done again later. */
async function workOnJobs(): Promise<void> {
  for (const { url } of nodes) {
    await fetch(new URL(jobsPath, url), { signal: AbortSignal.timeout(limitMs) })
      .then((reply) => reply.text())
      .catch(() => {})
    await sleep(500)
  }
}

/** Until more was published, read and deleted, and requests are under way. */
async function busy({ counts, underWay }: Load): Promise<void> {
  const { published, read, removed } = counts
  const until = Date.now() + limitMs
  const isMore = () =>
    counts.published > published + 15 && counts.read > read + 10 && counts.removed > removed + 4
  await waitFor(() => isMore() && underWay() >= 4, until)
}

async function waitFor(isTrue: () => boolean, until = Date.now() + limitMs): Promise<void> {
  for (; !isTrue(); await sleep(1)) assert.ok(Date.now() < until, 'nothing goes on any more')
}

/** What nobody knows is looked at: all nodes say the same. Half of it is tried again, which must end as it would have. */
async function settle(): Promise<void> {
  const client = createClient(nodes[0]!.url, cluster.token, limitMs)
  let number = 0
  for (const [attempt, state] of ledger) {
    if (state !== 'unknown') continue
    ledger.set(attempt, await client.look(attempt))
    if (number++ % 2) continue
    const status = await client.send(attempt.upload)
    assert.ok(status === 200 || status === 201, `${attempt.file} once more: ${status}`)
    ledger.set(attempt, 'there')
  }
}

async function assertLedger(): Promise<void> {
  const entries = [...ledger]
  for (const { url } of nodes) {
    const client = createClient(url, cluster.token, limitMs)
    const lane = async (from: number) => {
      for (let at = from; at < entries.length; at += 8) {
        const [attempt, state] = entries[at]!
        assert.equal(await client.look(attempt), state, attempt.file)
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, from) => lane(from)))
  }
}

/** Cuts, refuses for a moment, and lets requests through whose answers are lost, `fateful` ones above all: several times. */
async function cutAgainAndAgain(proxy: TcpProxy, load: Load, fateful: string): Promise<void> {
  const { counts } = proxy
  async function inTheMiddle(fault: () => Promise<void>): Promise<void> {
    const reached = counts.cut + counts.swallowing
    await waitFor(() => proxy.carrying() > 0 && load.underWay() > 0)
    await fault()
    assert.ok(counts.cut + counts.swallowing > reached)
    await busy(load)
  }
  for (let round = 0; round < 2; round++) {
    await inTheMiddle(async () => proxy.cut())
    await inTheMiddle(async () => {
      proxy.refuse(true)
      proxy.cut()
      await sleep(500)
      proxy.refuse(false)
    })
    await inTheMiddle(async () => {
      proxy.swallowAnswers()
      await sleep(200)
      proxy.cut()
    })
    await inTheMiddle(async () => {
      const enough = counts.swallowing + 4
      proxy.swallowAnswers(fateful)
      await waitFor(() => counts.swallowing >= enough)
      await sleep(200)
      proxy.cut()
    })
  }
  assert.ok(counts.refused > 0)
}

describe('in the middle of load', () => {
  it('nodes are killed', { timeout: 120_000 }, () =>
    under(async (load) => {
      for (let round = 0; round < 2; round++) {
        const victim = nodes[round % nodes.length]!
        const { broken } = load.counts
        await waitFor(() => load.underWay(victim.url) > 0)
        await victim.kill()
        assert.equal(await victim.ended, 'SIGKILL')
        await busy(load)
        assert.ok(load.counts.broken > broken, 'it was asked something')
        nodes.splice(nodes.indexOf(victim), 1, await cluster.another())
        await busy(load)
      }
    }),
  )

  for (const [name, server] of [
    ['PostgreSQL', () => cluster.postgres],
    ['the S3 server', () => cluster.s3],
  ] as const) {
    it(`${name} is killed and comes back`, { timeout: 120_000 }, () =>
      under(async (load) => {
        for (let round = 0; round < 2; round++) {
          const { refused } = load.counts
          assert.ok(load.underWay() > 0)
          await server().kill()
          await sleep(1000)
          await server().start()
          assert.ok(load.counts.refused > refused)
          await busy(load)
        }
      }),
    )
  }

  for (const [name, proxy, fateful] of [
    ['PostgreSQL', () => proxies.database!, 'commit\0'],
    ['the S3 server', () => proxies.s3!, 'PUT /packages/blobs/'],
  ] as const) {
    it(`connections to ${name} are cut`, { timeout: 120_000 }, () =>
      under((load) => cutAgainAndAgain(proxy(), load, fateful)),
    )
  }
})

it('afterwards sweep and collection leave exactly what is referenced', { timeout: 120_000 }, async () => {
  await sleep(Math.max(0, quietSince + sweepAfterMs + 2000 - Date.now()))
  // By the clock of whichever node is ahead.
  for (const { url } of [...nodes, ...nodes])
    assert.equal(await (await fetch(new URL(jobsPath, url))).text(), 'done')
  const rows = (sql: string) => ask(cluster.database, sql)
  assert.deepEqual(await rows('select kind, error from jobs where error is not null'), [])
  assert.deepEqual(await rows('select id from blobs where id not in (select blob_id from files)'), [])
  assert.deepEqual(await rows('select id from blobs where corrupt_at is not null'), [])
  assert.deepEqual(await rows('select id from released_blobs'), [])
  const keys = (await rows('select storage_key from blobs')).map(({ storage_key }) =>
    String(storage_key).replace(/^object\//, 'blobs/'),
  )
  assert.deepEqual((await cluster.s3.objects(cluster.bucket)).toSorted(), keys.toSorted())
  assert.deepEqual(await cluster.s3.unfinishedUploads(cluster.bucket), [])
  await assertLedger()
})
