import type { Core } from '../core/core.ts'
import { forgetLogPosition, logEvents } from '../core/records/audit-log.ts'
import { createRoutine, type Routine } from './routine.ts'

/**
 * What a process is there for. Where several answer requests, one more does what only one may do: the jobs, what has to
 * be done once at the start, and the log of events.
 */
export type Duties = 'everything' | 'requests' | 'background'

/** What is noted in memory, written now and then; and the log of events. In the order in which they are stopped. */
export function createRoutines(
  { config, database, downloads, log, refusals, tokenUses, upstreams }: Core,
  duties: Duties,
): Routine[] {
  const times = { everyMs: 60_000, complaint: 'times of last use were not written' }
  const refused = { everyMs: 5000, complaint: 'refusals were not written' }
  const events = { everyMs: 1000, complaint: 'events were not logged' }
  return [
    createRoutine(log, times, async () => {
      await downloads.flush(database)
      await tokenUses.flush(database)
      await upstreams.uses.files.flush(database)
      await upstreams.uses.documents.flush(database)
    }),
    createRoutine(log, refused, (isLast) => refusals.flush(database, isLast)),
    ...(config.audit.log && duties !== 'requests'
      ? [createRoutine(log, events, () => logEvents(database, log))]
      : []),
  ]
}

/** What the first of them must find done. */
export async function prepareRoutines({ config, database, log }: Core): Promise<void> {
  await (config.audit.log ? logEvents(database, log) : forgetLogPosition(database))
}
