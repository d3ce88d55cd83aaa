import type { Core } from '../core/core.ts'
import { isCollectionHeld } from '../core/records/collection-holds.ts'
import { claimMarked, deleteMarked, markReleased, noteUnreferenced } from '../core/records/released-blobs.ts'
import { inParallel } from '../lib/in-parallel.ts'
import type { JobKind } from './job.ts'

/** Right beside publications: rows are locked before they are looked at. */
const besideAll = { beside: ['collect'] } as const

const marksAtOnce = 500
const deletesAtOnce = 32
const claimedAtOnce = 256
/** Whoever deletes has so long; what failed is tried again after it. In milliseconds. */
const claimMs = 600_000
/** So many numbers of blobs are looked at in one transaction: a few milliseconds. */
const scannedAtOnce = 2000

/**
 * Frees the bytes that no file names any more. Marking, deleting the bytes and forgetting the rows are separate steps:
 * a marked row is never adopted, and a crash in between only leaves work for a later run. While a backup holds
 * collection, neither is done.
 */
export const collect: JobKind = {
  kind: 'collect',
  every: 300_000,
  async run(core, _key, signal) {
    const before = core.clock() - core.config.packages.collectAfter
    while (!signal.aborted && (await mark(core, before)) > 0);
    await deleteAllMarked(core, signal)
  },
}

/**
 * Looks at all blobs for those that no file names and that nobody noted (an older version of the server, say). The
 * collection then does the rest.
 */
export const findUnreferenced: JobKind = {
  kind: 'find-unreferenced',
  every: 7 * 86_400_000,
  async run(core, _key, signal) {
    let after: number | undefined = 0
    while (after !== undefined && !signal.aborted) after = await scan(core, after)
  },
}

function mark(core: Core, before: number): Promise<number> {
  return core.database.write(
    async (db) => ((await isCollectionHeld(db)) ? 0 : markReleased(db, before, core.clock(), marksAtOnce)),
    besideAll,
  )
}

function scan(core: Core, after: number): Promise<number | undefined> {
  return core.database.write((db) => noteUnreferenced(db, after, scannedAtOnce, core.clock()), besideAll)
}

function claim(core: Core) {
  return core.database.write(
    async (db) => ((await isCollectionHeld(db)) ? [] : claimMarked(db, core.clock(), claimMs, claimedAtOnce)),
    besideAll,
  )
}

async function deleteAllMarked(core: Core, signal: AbortSignal): Promise<void> {
  let failed = 0
  let complaint: unknown
  while (!signal.aborted) {
    const claimed = await claim(core)
    if (claimed.length === 0) break
    const deleted: number[] = []
    await inParallel(claimed, deletesAtOnce, async ({ id, storage_key: key }) => {
      if (signal.aborted) return
      try {
        await core.blobs.delete(key)
        deleted.push(id)
      } catch (error) {
        failed += 1
        complaint = error
      }
    })
    await core.database.write((db) => deleteMarked(db, deleted), besideAll)
  }
  if (failed > 0)
    core.log.warn({ err: complaint, failed }, 'stored bytes could not be deleted and will be tried again')
}
