/** One whole story of each format, told by its real clients, to several nodes behind nginx on PostgreSQL and a bucket. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { run } from '../clients/support/command.ts'
import { instanceFeed } from '../clients/support/server.ts'
import { startCluster, type Cluster } from './cluster.ts'

const clients = join(import.meta.dirname, '../clients')
/** With whom they are told: curl is to see that a server refuses before the body comes, which nginx hides. */
const stories = { generic: 'a node', 'npm-publish': 'nginx', 'maven-resolve': 'nginx' } as const

/** In milliseconds. */
const storyMs = 300_000

let cluster: Cluster
before(async () => {
  cluster = await startCluster({
    nodes: 3,
    env: {
      ENTREPOT_ACCESS__ANONYMOUS: 'true',
      ENTREPOT_PACKAGES__INSTANCE: JSON.stringify({ generic: [instanceFeed] }),
    },
  })
})
after(() => cluster?.stop())

for (const [story, whom] of Object.entries(stories)) {
  test(`real clients with ${whom}: ${story}`, { timeout: storyMs }, async () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env as Record<string, string>
    const url = whom === 'nginx' ? cluster.url : cluster.nodes[0]!.url
    const surroundings = {
      cwd: process.cwd(),
      env: { ...env, CLIENTS_SERVER_URL: url, CLIENTS_SERVER_TOKEN: cluster.token },
      timeoutMs: storyMs,
    }
    const args = ['--test', '--test-reporter=spec', join(clients, `${story}.test.ts`)]
    const { stdout, transcript } = await run(process.execPath, args, surroundings)
    assert.match(stdout, /pass [1-9]/, transcript)
    assert.match(stdout, /fail 0/, transcript)
  })
}
