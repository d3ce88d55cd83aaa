import { it } from 'node:test'
import { createTestApp } from '../../app.ts'
import { collectionStorm, lateDeletes } from '../collection-storm.ts'

it('a minute of uploads, purges and collection loses nothing', { timeout: 300_000 }, async () => {
  const deletes = lateDeletes(2000)
  const app = await createTestApp({ env: { ENTREPOT_PACKAGES__COLLECT_AFTER: '0' }, store: deletes.around })
  try {
    const { id: projectId } = await app.project('acme/app')
    const nodes = [{ core: app.core, actor: app.root }]
    const enough = { deleted: 1000, whileDeleted: 1000 }
    const times = { duration: 60_000, longest: 240_000 }
    const extent = { clients: 8, bodies: 120, ...times, enough }
    const counts = await collectionStorm({ nodes, deletes, projectId, ...extent })
    console.log(`in a storm of collection: ${JSON.stringify(counts)}`)
  } finally {
    await app.close()
  }
})
