/** Two nodes on PostgreSQL and a bucket that collect all the time, while the store deletes late. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openPostgres } from '../../../src/database/postgres/open.ts'
import { createActor } from '../../actor.ts'
import { startCluster } from '../../nodes/cluster.ts'
import { startS3Proxy, type S3Proxy } from '../../nodes/s3-proxy.ts'
import { collectionStorm } from '../collection-storm.ts'
import { lateDeletes } from '../late-deletes.ts'

it(
  'a minute of uploads, purges and collection on two nodes loses nothing',
  { timeout: 280_000 },
  async (t) => {
    const deletes = lateDeletes(2000)
    let proxy: S3Proxy | undefined
    t.after(() => proxy?.stop())
    const cluster = await startCluster({
      nodes: 2,
      env: { ENTREPOT_CACHE__FILES_BYTES: '0' },
      orders: { collectsOften: true },
      async between({ s3 }) {
        proxy = await startS3Proxy({ to: s3, hold: deletes.hold })
        return { s3: proxy.endpoint }
      },
    })
    t.after(() => cluster.stop())
    const records = await openPostgres({ url: cluster.database, ca: undefined, connections: 2 })
    t.after(() => records.close())
    const root = { id: 1, username: 'root', token: cluster.token }
    const nodes = cluster.nodes.map(({ url }) => createActor(url, root))
    const { id: projectId } = await nodes[0]!.json('GET', '/api/v4/projects/acme%2Fapp')
    const place = { nodes, deletes, records: records.read, projectId }
    const enough = { deleted: 1000, whileDeleted: 1000 }
    const times = { duration: 60_000, longest: 240_000 }
    const counts = await collectionStorm({ ...place, clients: 8, bodies: 120, ...times, enough })
    for (const node of cluster.nodes) await node.stop()
    console.log(`in a storm of collection: ${JSON.stringify(counts)}`)
    const rows = await records.read.selectFrom('blobs').select('storage_key').execute()
    const keys = rows.map(({ storage_key }) => storage_key.replace(/^object\//, 'blobs/'))
    assert.deepEqual((await cluster.s3.objects(cluster.bucket)).toSorted(), keys.toSorted())
  },
)
