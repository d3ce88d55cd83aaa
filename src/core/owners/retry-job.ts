import { conflict } from '../../lib/problem.ts'
import { jobList, retryJob, type ListedJob } from '../records/job-lists.ts'
import type { Acting } from './acting.ts'
import { found, manage, recordAt } from './manage.ts'

/**
 * Lets a job run again now instead of at its time.
 * @throws Problem 401, 403 or 404 where the caller may not, 404 if there is none (it is done), 409 while it runs.
 */
export async function retryNow(acting: Acting, id: number): Promise<ListedJob> {
  const owner = { kind: 'instance' } as const
  return manage(acting, owner, async (db) => {
    const job = found(await jobList(db, { id }, 'asc').executeTakeFirst(), 'Job')
    if (job.state === 'running') throw conflict('the job is running now')
    await retryJob(db, id, acting.core.clock())
    const { kind, key, attempts, error } = job
    await recordAt(db, acting, owner, 'job.retried', { detail: { kind, key, attempts, error } })
    return jobList(db, { id }, 'asc').executeTakeFirstOrThrow()
  })
}
