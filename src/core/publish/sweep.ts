import type { Core } from '../core.ts'
import { isReferenced } from '../records/blobs.ts'

/** Settles what an earlier run left in storage between writing and committing. Returns what became of it. */
export async function sweepLeftovers(core: Core): Promise<{ kept: number; deleted: number }> {
  const counts = { kept: 0, deleted: 0 }
  for await (const key of core.blobs.leftovers()) {
    if (await isReferenced(core.database.read, key)) {
      await core.blobs.keep(key)
      counts.kept += 1
    } else {
      await core.blobs.delete(key)
      counts.deleted += 1
    }
  }
  return counts
}
