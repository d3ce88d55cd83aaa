import type { Db } from '../../../database/database.ts'
import type { Core } from '../../core.ts'
import { putRuns, type StoredRun } from '../../records/index-runs.ts'
import type { Run } from './join.ts'

/** Runs that were stored in a set so recently are surely not being deleted, in milliseconds. */
const surelyStoredMs = 3_600_000

/** Stores those of these runs that are not surely stored. Returns the numbers of all, by digest. */
export async function putUnsure(
  core: Pick<Core, 'runs'>,
  db: Db,
  runs: readonly Run[],
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const isSure = (run: Run): run is StoredRun =>
    run.id !== undefined && run.used_at !== undefined && run.used_at > now - surelyStoredMs
  const ids = new Map(runs.filter(isSure).map((run) => [run.sha256, run.id]))
  const unsure = runs.filter((run) => !isSure(run))
  for (const run of await putRuns(db, unsure, now)) {
    core.runs.add(run)
    ids.set(run.sha256, run.id)
  }
  return ids
}
