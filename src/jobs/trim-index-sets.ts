import type { Core } from '../core/core.ts'
import { dropForgottenViews, dropSuperseded } from '../core/records/index-sets.ts'
import { dropForgottenInsides, runsOfInsides } from '../core/records/inside-indexes.ts'
import { deleteRuns, namedRuns, unusedRuns } from '../core/records/index-runs.ts'
import type { JobKind } from './job.ts'

const dayMs = 86_400_000
/** Sets that were shown stay readable for a day, and the last three in any case. */
const lastSets = 3
const viewsMs = 30 * dayMs
const atOnce = 500

/** Forgets signed sets that nobody can still be reading, what was made for them, and the runs that stand in none. */
export const trimIndexSets: JobKind = {
  kind: 'trim-index-sets',
  every: 3_600_000,
  async run(core, _key, signal) {
    const now = core.clock()
    await repeatedly(core, signal, (db) =>
      dropSuperseded(db, { before: now - dayMs, least: lastSets, limit: atOnce }),
    )
    await repeatedly(core, signal, (db) => dropForgottenViews(db, now - viewsMs, atOnce))
    await repeatedly(core, signal, (db) => dropForgottenInsides(db, now - dayMs, atOnce))
    if (!signal.aborted) await dropRuns(core, now - dayMs, signal)
  },
}

async function repeatedly(
  core: Core,
  signal: AbortSignal,
  work: Parameters<typeof core.database.write<number>>[0],
): Promise<void> {
  while (!signal.aborted && (await core.database.write(work)) === atOnce);
}

/** Whoever stores a set says of its runs that they are used now: those of long ago stand in stored sets or in none. */
async function dropRuns(core: Core, before: number, signal: AbortSignal): Promise<void> {
  const named = new Set<number>()
  for (const naming of [runsOfInsides, namedRuns]) {
    for (let after = 0; ;) {
      const some = await naming(core.database.scan, after, atOnce)
      if (some.length === 0 || signal.aborted) break
      for (const { runs } of some) for (const id of runs) named.add(id)
      after = some.at(-1)!.id
    }
  }
  for (let after = 0; !signal.aborted;) {
    const unused = await unusedRuns(core.database.scan, after, before, atOnce)
    if (unused.length === 0) return
    after = unused.at(-1)!
    const ids = unused.filter((id) => !named.has(id))
    await core.database.write((db) => deleteRuns(db, ids, before))
  }
}
