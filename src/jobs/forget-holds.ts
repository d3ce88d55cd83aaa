import type { Core } from '../core/core.ts'
import { expiredHolds, releaseHeld } from '../core/records/held-blobs.ts'
import { noteReleasedBlobs } from '../core/records/released-blobs.ts'
import { addUsage } from '../core/records/usage.ts'
import type { JobKind } from './job.ts'

const dayMs = 86_400_000
const atOnce = 200

/** Lets go bytes whose publication never came. */
export const forgetHolds: JobKind = {
  kind: 'forget-holds',
  every: 3_600_000,
  async run(core, _key, signal) {
    while (!signal.aborted && (await forgetSome(core)));
  },
}

/** True: there may be more. */
function forgetSome(core: Core): Promise<boolean> {
  return core.database.write(async (db) => {
    const now = core.clock()
    const expired = await expiredHolds(db, now - dayMs, atOnce)
    await noteReleasedBlobs(
      db,
      expired.map((one) => one.blob_id),
      now,
    )
    await releaseHeld(
      db,
      expired.map((one) => one.id),
    )
    for (const [id, held] of Map.groupBy(expired, (one) => one.project_id))
      await addUsage(db, { id, group_id: held[0]!.group_id }, -held.reduce((sum, { size }) => sum + size, 0))
    return expired.length === atOnce
  })
}
