/** Jobs as administrators see them. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { databaseTime } from '../../database/database-time.ts'
import type { JobRow } from '../../database/schema.ts'

/** Failing so often is worth somebody's attention; the job is tried again all the same. */
export const failedAfter = 8

/** `retrying`: failed, but not often yet. */
export const jobStates = ['waiting', 'running', 'retrying', 'failed'] as const
export type JobState = (typeof jobStates)[number]

export interface ListedJob extends JobRow {
  readonly state: JobState
}

export interface JobFilter {
  readonly id?: number | undefined
  readonly kind?: string | undefined
  readonly state?: JobState | undefined
}

/** The jobs that the filter finds, in the order of their numbers; to be paged by who asks. */
export function jobList(db: Db, { id, kind, state }: JobFilter, sort: 'asc' | 'desc') {
  const stateOf = sql<JobState>`case
    when lease_until >= ${databaseTime(db)} then 'running'
    when error is null then 'waiting'
    when attempts >= ${sql.lit(failedAfter)} then 'failed'
    else 'retrying' end`
  let query = db.selectFrom('jobs').selectAll('jobs').select(stateOf.as('state'))
  if (id !== undefined) query = query.where('jobs.id', '=', id)
  if (kind !== undefined) query = query.where('jobs.kind', '=', kind)
  if (state !== undefined) query = query.where(stateOf, '=', state)
  return query.orderBy('jobs.id', sort)
}

/** Makes a job due now, as if it had not failed before; its last error stays until it succeeds. */
export async function retryJob(db: Db, id: number, now: number): Promise<void> {
  await db
    .updateTable('jobs')
    .set({ run_at: now, attempts: 0, lease_until: null })
    .where('id', '=', id)
    .execute()
}
