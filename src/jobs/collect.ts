import { deleteBlobRow, findMarked, markUnreferenced } from '../core/records/blobs.ts'
import { isCollectionHeld } from '../core/records/collection-holds.ts'
import type { JobKind } from './job.ts'

/** A blob may be adopted by an upload that is about to commit: only older ones are looked at. */
const graceMs = 3_600_000
const batch = 500

/**
 * Frees the bytes that no file names any more. Marking, deleting the bytes and forgetting the row are separate steps:
 * a marked row is never adopted, and a crash in between only leaves work for the next run. While a backup holds
 * collection, neither is done.
 */
export const collect: JobKind = {
  kind: 'collect',
  every: 86_400_000,
  async run(core, _key, signal) {
    let more = true
    while (more && !signal.aborted) {
      const now = core.clock()
      const marked = await core.database.write(async (db) =>
        (await isCollectionHeld(db)) ? 0 : markUnreferenced(db, now - graceMs, now, batch),
      )
      more = marked === batch
    }
    let marked = await findMarked(core.database.read, batch)
    while (marked.length > 0 && !signal.aborted && !(await isCollectionHeld(core.database.read))) {
      for (const blob of marked) await core.blobs.delete(blob.storage_key)
      await core.database.write(async (db) => {
        for (const blob of marked) await deleteBlobRow(db, blob.id)
      })
      marked = await findMarked(core.database.read, batch)
    }
  },
}
