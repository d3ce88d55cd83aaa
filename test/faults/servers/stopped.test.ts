/** A node that stands still in the middle of a publication, and goes on when nobody reckons with it any more. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCluster, type Cluster } from '../../nodes/cluster.ts'
import { createClient, genericFile, type Attempt } from '../attempts.ts'
import { jobsPath, type Moment } from '../fault.ts'

const sweepAfterMs = 10_000
/** After that PostgreSQL ends a transaction in which nothing happens. */
const idleTransactionMs = 5000
/** For what is quick, on a busy machine. */
const aMoment = 3000

let cluster: Cluster
before(async () => {
  const env = {
    ENTREPOT_LOG__LEVEL: 'silent',
    ENTREPOT_PACKAGES__SWEEP_AFTER: `${sweepAfterMs / 1000}s`,
    ENTREPOT_CACHE__FILES_BYTES: '0',
  }
  cluster = await startCluster({ nodes: 2, durable: true, env })
  await made('projects', { name: 'elsewhere', path: 'elsewhere', namespace_id: 1 })
})
after(() => cluster?.stop())

const clientOf = (index: number) => createClient(cluster.nodes[index]!.url, cluster.token)

/** Has a third node publish and stop at `moment`. */
async function stoppedAt(t: TestContext, moment: Moment, attempt: Attempt) {
  const node = await cluster.another({}, { fault: { moment, at: 1, signal: 'SIGSTOP' } })
  t.after(() => node.kill())
  const client = createClient(node.url, cluster.token)
  const answer = client.send(attempt.upload, true)
  const state = () => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${node.pid}/status`, 'utf8'))?.[1]
  for (let wait = 0; state() !== 'T'; wait++) {
    assert.ok(wait < 1000, 'it does not stop')
    await sleep(10)
  }
  return {
    async goOn(): Promise<number | undefined> {
      process.kill(node.pid, 'SIGCONT')
      return answer
    },
    client,
  }
}

async function took(work: Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work
  return performance.now() - began
}

/** What nobody finished is swept by another node, as it is a while later. */
async function sweptByOthers(): Promise<void> {
  await sleep(sweepAfterMs + 2000)
  assert.equal(await (await fetch(new URL(jobsPath, cluster.nodes[0]!.url))).text(), 'done')
}

async function lookEverywhere(attempt: Attempt): Promise<string[]> {
  return Promise.all([0, 1].map((index) => clientOf(index).look(attempt)))
}

async function asked(request: Attempt['upload']): Promise<void> {
  assert.equal(await clientOf(1).send(request), 201)
}

/** Made by a transaction that runs alone. */
async function made(what: 'groups' | 'projects', more: object): Promise<void> {
  const reply = await fetch(new URL(`/api/v4/${what}`, cluster.nodes[1]!.url), {
    method: 'POST',
    headers: { 'private-token': cluster.token, 'content-type': 'application/json' },
    body: JSON.stringify(more),
  })
  assert.equal(reply.status, 201, await reply.text())
}

it('in a transaction, a node holds up others for seconds at most, and commits nothing later', async (t) => {
  const attempt = genericFile('in-transaction', 1000)
  const stopped = await stoppedAt(t, 'in-transaction', attempt)
  const { upload } = genericFile('other', 1000)
  const path = upload.path.replace('%2Fapp/', '%2Felsewhere/').replace('/blob/', '/elsewhere/')
  const undisturbed = await took(asked({ ...upload, path }))
  assert.ok(
    undisturbed < aMoment,
    `another name in another project waits for nothing, but did for ${undisturbed} ms`,
  )
  const longest = Math.max(
    // By the name and by what the project holds; and what runs alone waits for all others.
    ...(await Promise.all([
      took(asked(genericFile('same', 1000).upload)),
      took(made('groups', { name: 'later', path: 'later' })),
    ])),
  )
  assert.ok(longest > 1000, 'the transaction held them up')
  assert.ok(longest < idleTransactionMs + aMoment, `held up for ${longest} ms`)
  assert.equal(await stopped.goOn(), 503)
  assert.deepEqual(await lookEverywhere(attempt), ['gone', 'gone'])
  assert.equal(await stopped.client.send(attempt.upload), 201, 'the next time')
  assert.deepEqual(await lookEverywhere(attempt), ['there', 'there'])
})

it('for longer than leftovers are kept, a node neither publishes bytes that were swept nor loses others', async (t) => {
  const [before_, committed] = [genericFile('before-transaction', 1000), genericFile('committed', 1000)]
  const early = await stoppedAt(t, 'before-transaction', before_)
  const late = await stoppedAt(t, 'committed', committed)
  await sweptByOthers()
  assert.deepEqual(await lookEverywhere(committed), ['there', 'there'])
  assert.equal(await late.goOn(), 201)
  assert.equal(await early.goOn(), 408, 'its bytes are gone')
  assert.deepEqual(await lookEverywhere(committed), ['there', 'there'])
  assert.deepEqual(await lookEverywhere(before_), ['gone', 'gone'])
  assert.equal(await early.client.send(before_.upload), 201, 'the next time')
  assert.deepEqual(await lookEverywhere(before_), ['there', 'there'])
})
