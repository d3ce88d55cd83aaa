import { it } from 'node:test'
import { createTestApp } from '../app.ts'
import { collectionStorm, lateDeletes } from './collection-storm.ts'

it('no bytes are lost while they are uploaded, purged, collected and uploaded again', async () => {
  const deletes = lateDeletes(1500)
  const app = await createTestApp({ env: { ENTREPOT_PACKAGES__COLLECT_AFTER: '0' }, store: deletes.around })
  try {
    const { id: projectId } = await app.project('acme/app')
    const nodes = [{ core: app.core, actor: app.root }]
    const enough = { deleted: 20, whileDeleted: 10 }
    const times = { duration: 2000, longest: 80_000 }
    const extent = { clients: 8, bodies: 40, ...times, enough }
    await collectionStorm({ nodes, deletes, projectId, ...extent })
  } finally {
    await app.close()
  }
})
