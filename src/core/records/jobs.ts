/** Working on jobs: several workers, also on several nodes, share what is due. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { databaseTime } from '../../database/database-time.ts'
import type { JobRow } from '../../database/schema.ts'

/** How long a worker holds a job before others may take it over, in milliseconds. */
export const leaseMs = 60_000
const firstRetryMs = 5_000
const longestRetryMs = 3_600_000

/** Makes a job that waits due now. */
export async function hasten(db: Db, kind: string, key: string, now: number): Promise<void> {
  await db
    .updateTable('jobs')
    .set({ run_at: now })
    .where('kind', '=', kind)
    .where('key', '=', key)
    .where('run_at', '>', now)
    .execute()
}

/**
 * Takes the next due job of these kinds under a lease with a new fencing number; the lease runs by the database's clock,
 * whatever the nodes' clocks say. Other kinds wait for a version that knows them.
 */
export function claim(db: Db, kinds: readonly string[], now: number): Promise<JobRow | undefined> {
  return db
    .updateTable('jobs')
    .set((eb) => ({
      lease_until: leaseEnd(db),
      fence: eb('fence', '+', 1),
      attempts: eb('attempts', '+', 1),
      error: eb
        .case()
        .when('lease_until', 'is not', null)
        .then('the worker that had it stopped without a word')
        .else(eb.ref('error'))
        .end(),
    }))
    .where('id', '=', due(db, kinds, now).orderBy('run_at').limit(1).forUpdate().skipLocked())
    .returningAll()
    .executeTakeFirst()
}

/** A look without a write, so that an idle server leaves the database alone. */
export async function isJobDue(db: Db, kinds: readonly string[], now: number): Promise<boolean> {
  return (await due(db, kinds, now).limit(1).executeTakeFirst()) !== undefined
}

function due(db: Db, kinds: readonly string[], now: number) {
  return db
    .selectFrom('jobs')
    .select('id')
    .where('kind', 'in', kinds)
    .where('run_at', '<=', now)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', databaseTime(db))]))
}

/** Holds on to a job for another lease. False: another worker has overtaken us. */
export async function extend(db: Db, job: JobRow): Promise<boolean> {
  const rows = await held(db, job)
    .set({ lease_until: leaseEnd(db) })
    .returning('id')
    .execute()
  return rows.length > 0
}

/** The job is done: it goes, or waits for its next time. A worker that was overtaken changes nothing. */
export async function finish(db: Db, job: JobRow, nextRunAt: number | undefined): Promise<void> {
  if (nextRunAt === undefined) {
    await db.deleteFrom('jobs').where('id', '=', job.id).where('fence', '=', job.fence).execute()
    return
  }
  await held(db, job).set({ run_at: nextRunAt, lease_until: null, attempts: 0, error: null }).execute()
}

/** The job failed: it is tried again, later each time, for ever; its error can be seen. */
export async function fail(db: Db, job: JobRow, error: unknown, now: number): Promise<void> {
  const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(20, job.attempts - 1))
  const message = error instanceof Error ? error.message : String(error)
  await held(db, job)
    .set({ run_at: now + wait, lease_until: null, error: message.slice(0, 1000) })
    .execute()
}

/** The worker stops and hands the job back as it was: another one takes it at once. */
export async function release(db: Db, job: JobRow): Promise<void> {
  await held(db, job)
    .set((eb) => ({ lease_until: null, attempts: eb('attempts', '-', 1) }))
    .execute()
}

function held(db: Db, job: JobRow) {
  return db.updateTable('jobs').where('id', '=', job.id).where('fence', '=', job.fence)
}

const leaseEnd = (db: Db) => sql<number>`${databaseTime(db)} + ${sql.lit(leaseMs)}`
