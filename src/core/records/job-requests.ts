/** How jobs come to be. */
import type { ExpressionBuilder } from 'kysely'
import type { Database, Db } from '../../database/database.ts'
import { databaseTime } from '../../database/database-time.ts'
import type { Schema } from '../../database/schema.ts'
import { inBatches } from './batches.ts'

/** What is written about jobs waits for what else is, and runs beside everything else. */
export const besideJobs = { beside: ['jobs'] } as const

const batch = 500

/**
 * Asks for a job in the transaction that makes it necessary. However often it was asked for it runs once, after the last
 * of these transactions; one that waits already under kind and key is brought forward.
 */
export async function enqueue(db: Db, kind: string, key: string, runAt: number): Promise<void> {
  await enqueueAll(db, kind, [key], runAt)
}

/** Asks for several jobs of a kind. */
export async function enqueueAll(
  db: Db,
  kind: string,
  keys: readonly string[],
  runAt: number,
): Promise<void> {
  for (const some of inBatches(keys)) {
    await db
      .insertInto('job_requests')
      .values(some.map((key) => ({ kind, key, run_at: runAt })))
      .execute()
  }
}

/** Whether there is a request that can become a job now. */
export async function isJobRequested(db: Db, kinds: readonly string[]): Promise<boolean> {
  return (await acceptable(db, kinds).limit(1).executeTakeFirst()) !== undefined
}

/** Turns requests into jobs. Those for a job that is under way wait until it is done: it may have looked too early. */
export async function acceptRequests(db: Db, kinds: readonly string[], now: number): Promise<void> {
  const taken = await db
    .deleteFrom('job_requests')
    .where('id', 'in', acceptable(db, kinds).orderBy('id').limit(batch).forUpdate().skipLocked())
    .returning(['kind', 'key', 'run_at'])
    .execute()
  const jobs = new Map<string, (typeof taken)[number]>()
  for (const request of taken) {
    const at = JSON.stringify([request.kind, request.key])
    if ((jobs.get(at)?.run_at ?? Infinity) > request.run_at) jobs.set(at, request)
  }
  if (jobs.size === 0) return
  await db
    .insertInto('jobs')
    .values([...jobs.values()].map((job) => ({ ...job, created_at: now })))
    .onConflict((c) => c.columns(['kind', 'key']).doUpdateSet({ run_at: earlier }))
    .execute()
}

function acceptable(db: Db, kinds: readonly string[]) {
  return db
    .selectFrom('job_requests')
    .select('job_requests.id')
    .where('job_requests.kind', 'in', kinds)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('jobs')
            .select('jobs.id')
            .whereRef('jobs.kind', '=', 'job_requests.kind')
            .whereRef('jobs.key', '=', 'job_requests.key')
            .where('jobs.lease_until', '>=', databaseTime(db)),
        ),
      ),
    )
}

type Upsert = ExpressionBuilder<Schema & { excluded: Schema['jobs'] }, 'jobs' | 'excluded'>

const earlier = (eb: Upsert) =>
  eb
    .case()
    .when('jobs.run_at', '<', eb.ref('excluded.run_at'))
    .then(eb.ref('jobs.run_at'))
    .else(eb.ref('excluded.run_at'))
    .end()

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
  await database.write(async (db) => {
    await db
      .insertInto('jobs')
      .values(missing.map((key) => ({ kind, key, run_at: now, created_at: now })))
      .onConflict((c) => c.doNothing())
      .execute()
  }, besideJobs)
}

/** A kind of job that comes again and again. */
export interface Recurring {
  readonly kind: string
  /** In milliseconds. */
  readonly every: number
}

/** Adds recurring jobs for the first time; one whose time between runs became shorter does not wait the old one. */
export async function scheduleRecurring(db: Db, recurring: readonly Recurring[], now: number): Promise<void> {
  if (recurring.length === 0) return
  await db
    .insertInto('jobs')
    .values(recurring.map(({ kind, every }) => ({ kind, key: '', run_at: now + every, created_at: now })))
    .onConflict((c) => c.columns(['kind', 'key']).doUpdateSet({ run_at: earlier }))
    .execute()
}
