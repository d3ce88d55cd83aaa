import { it } from 'node:test'
import { createTestApp } from '../app.ts'
import { collectOften } from './collect-often.ts'
import { collectionStorm } from './collection-storm.ts'
import { lateDeletes } from './late-deletes.ts'

it('no bytes are lost while they are uploaded, purged, collected and uploaded again', async () => {
  const deletes = lateDeletes(1500)
  const env = { ENTREPOT_PACKAGES__COLLECT_AFTER: '0', ENTREPOT_CACHE__FILES_BYTES: '0' }
  const app = await createTestApp({ env, store: deletes.around })
  const end = new AbortController()
  const collecting = collectOften(app.core, end.signal)
  try {
    const { id: projectId } = await app.project('acme/app')
    const place = { nodes: [app.root], deletes, records: app.core.database.read, projectId }
    const enough = { deleted: 20, whileDeleted: 10 }
    const times = { duration: 2000, longest: 80_000 }
    await collectionStorm({ ...place, clients: 8, bodies: 40, ...times, enough })
  } finally {
    end.abort()
    await collecting
    await app.close()
  }
})
