import type { Database, Db } from '../../database/database.ts'
import type { JobRow } from '../../database/schema.ts'

/** How long a worker holds a job before others may take it over, in milliseconds. */
export const leaseMs = 60_000
const firstRetryMs = 5_000
const longestRetryMs = 3_600_000

/** Adds a job in the transaction that makes it necessary; one that waits already under kind and key is brought forward. */
export async function enqueue(db: Db, kind: string, key: string, runAt: number, now: number): Promise<void> {
  await db
    .insertInto('jobs')
    .values({ kind, key, run_at: runAt, created_at: now })
    .onConflict((c) =>
      c.columns(['kind', 'key']).doUpdateSet((eb) => ({
        run_at: eb.case().when('jobs.run_at', '<', runAt).then(eb.ref('jobs.run_at')).else(runAt).end(),
      })),
    )
    .execute()
}

/** Adds jobs that are due now, each unless it is there already, waiting, failed or under way. */
export async function enqueueMissing(
  database: Database,
  kind: string,
  keys: readonly string[],
  now: number,
): Promise<void> {
  if (keys.length === 0) return
  const known = await database.read
    .selectFrom('jobs')
    .select('key')
    .where('kind', '=', kind)
    .where('key', 'in', keys)
    .execute()
  const missing = keys.filter((key) => !known.some((row) => row.key === key))
  if (missing.length === 0) return
  await database.write((db) =>
    db
      .insertInto('jobs')
      .values(missing.map((key) => ({ kind, key, run_at: now, created_at: now })))
      .onConflict((c) => c.doNothing())
      .execute(),
  )
}

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

/** Takes the next due job of these kinds under a lease with a new fencing number. Other kinds wait for a version that knows them. */
export function claim(db: Db, kinds: readonly string[], now: number): Promise<JobRow | undefined> {
  return db
    .updateTable('jobs')
    .set((eb) => ({
      lease_until: now + leaseMs,
      fence: eb('fence', '+', 1),
      attempts: eb('attempts', '+', 1),
    }))
    .where('id', '=', (eb) =>
      eb
        .selectFrom('jobs')
        .select('id')
        .where('kind', 'in', kinds)
        .where('run_at', '<=', now)
        .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<', now)]))
        .orderBy('run_at')
        .limit(1),
    )
    .returningAll()
    .executeTakeFirst()
}

/** Holds on to a job for another lease. False: another worker has overtaken us. */
export async function extend(db: Db, job: JobRow, now: number): Promise<boolean> {
  const rows = await held(db, job)
    .set({ lease_until: now + leaseMs })
    .returning('id')
    .execute()
  return rows.length > 0
}

/** The job is done: it goes, or waits for its next time. */
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

function held(db: Db, job: JobRow) {
  return db.updateTable('jobs').where('id', '=', job.id).where('fence', '=', job.fence)
}

/** A look without a write, so that an idle server leaves the database alone. */
export async function isJobDue(db: Db, kinds: readonly string[], now: number): Promise<boolean> {
  const row = await db
    .selectFrom('jobs')
    .select('id')
    .where('kind', 'in', kinds)
    .where('run_at', '<=', now)
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<', now)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
