import type { Core } from '../core.ts'
import { isReferenced } from '../records/blobs.ts'
import { isCollectionHeld } from '../records/collection-holds.ts'

/**
 * Settles what was left in storage between writing and committing. `olderThanMs` as in `BlobStore.leftovers`: 0 only
 * where no other process uses the store. Does nothing while a backup holds collection: it may still name what was moved
 * since. Returns what became of it.
 */
export async function sweepLeftovers(
  core: Core,
  olderThanMs: number,
  signal?: AbortSignal,
): Promise<{ kept: number; deleted: number }> {
  const counts = { kept: 0, deleted: 0 }
  if (await isCollectionHeld(core.database.read)) return counts
  for await (const key of core.blobs.leftovers({ olderThanMs })) {
    if (signal?.aborted) break
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
