/** Three servers on one PostgreSQL and one bucket, behind nginx. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { succeeded } from '../../src/formats/testing/http.ts'
import { startCluster, type Cluster } from './cluster.ts'
import { startHeldNode } from './held-node.ts'
import { publishTo, wrongWith, type Publication } from './publishing.ts'

let cluster: Cluster
let root: { readonly token: string }
before(async () => {
  cluster = await startCluster({ nodes: 3 })
  root = cluster
})
after(() => cluster?.stop())

const nodeUrl = (index: number) => cluster.nodes[index % cluster.nodes.length]!.url

describe('several nodes', () => {
  it('show at once, each of them, what another one published: a thousand times', async () => {
    const lanes = 5
    const stale: string[] = []
    async function lane(number: number): Promise<void> {
      for (let index = 0; index < 1000 / lanes; index++) {
        const publication = { name: `lane-${number}`, version: `1.0.${index}`, content: `${number}/${index}` }
        succeeded(await publishTo(nodeUrl(index), root, publication))
        const wrong = await wrongWith(nodeUrl(index + 1 + (index % 2)), root, publication)
        if (wrong) stale.push(wrong)
      }
    }
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
    assert.deepEqual(stale, [])
  })

  it('all show a publication that was committed after later ones', async () => {
    const held = await startHeldNode(cluster)
    try {
      const slow = { name: 'held', version: '1.0.0', content: 'held' }
      const quick = { name: 'quick', version: '1.0.0', content: 'quick' }
      held.holdNext()
      const publishing = publishTo(held.url, root, slow)
      await held.isHeld()
      succeeded(await publishTo(nodeUrl(0), root, quick))
      for (let index = 0; index < 3; index++) {
        assert.equal(await wrongWith(nodeUrl(index), root, quick), undefined)
        assert.match((await wrongWith(nodeUrl(index), root, slow))!, /404/)
      }
      held.release()
      succeeded(await publishing)
      for (let index = 0; index < 3; index++) {
        assert.equal(await wrongWith(nodeUrl(index), root, slow), undefined)
      }
    } finally {
      await held.stop()
    }
  })

  it('agree on one winner where several publish the same version: 2,000 publications by 16 clients', async () => {
    const jobs = [...contested(500), ...Array.from({ length: 1000 }, (_, index) => [own(index)])].toSorted(
      () => Math.random() - 0.5,
    )
    const wrong: string[] = []
    let sent = 0
    async function client(number: number): Promise<void> {
      for (let job = jobs.pop(); job; job = jobs.pop()) {
        sent += job.length
        const answers = await Promise.all(
          job.map((one, index) => publishTo(nodeUrl(number + index), root, one)),
        )
        const won = job.filter((_, index) => answers[index]!.status === 201)
        const statuses = answers.map(({ status }) => status).join()
        if (won.length !== 1) wrong.push(`${job[0]!.name}@${job[0]!.version}: ${statuses}`)
        for (const one of won) wrong.push(...((await problem(number, one)) ?? []))
        if (answers.some(({ status }) => status !== 201 && status !== 403)) wrong.push(statuses)
      }
    }
    const problem = async (number: number, one: Publication) => {
      const found = await wrongWith(nodeUrl(number + 1), root, one)
      return found && [found]
    }
    await Promise.all(Array.from({ length: 16 }, (_, number) => client(number)))
    assert.equal(sent, 2000)
    assert.deepEqual(wrong, [])
  })

  it('answer through nginx whichever is asked', async () => {
    const publication = { name: 'balanced', version: '1.0.0', content: 'balanced' }
    succeeded(await publishTo(cluster.url, root, publication))
    for (let asked = 0; asked < 6; asked++)
      assert.equal(await wrongWith(cluster.url, root, publication), undefined)
  })
})

/** Pairs that want the same version with other bytes. */
function contested(count: number): Publication[][] {
  return Array.from({ length: count }, (_, index) =>
    ['left', 'right'].map((side) => ({
      name: `contested-${index % 20}`,
      version: `1.${index}.0`,
      content: `${side} ${index}`,
    })),
  )
}

const own = (index: number): Publication => ({
  name: `own-${index % 50}`,
  version: `1.${index}.0`,
  content: `own ${index}`,
})
