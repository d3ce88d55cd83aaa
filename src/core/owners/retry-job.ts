import { conflict, notFound } from '../../lib/problem.ts'
import { demand } from '../access/authorize.ts'
import { recordEvent } from '../records/events.ts'
import { jobList, retryJob, type ListedJob } from '../records/job-lists.ts'
import type { Acting } from './acting.ts'

/**
 * Lets a job run again now instead of at its time.
 * @throws Problem 401, 403 or 404 where the caller may not, 404 if there is none (it is done), 409 while it runs.
 */
export async function retryNow(
  { core, generation, principal, origin }: Acting,
  id: number,
): Promise<ListedJob> {
  await demand(core, generation, principal, 'admin_instance', { kind: 'instance' })
  return core.database.write(async (db) => {
    const job = await jobList(db, { id }, 'asc').executeTakeFirst()
    if (!job) throw notFound('404 Job Not Found')
    if (job.state === 'running') throw conflict('the job is running now')
    const now = core.clock()
    await retryJob(db, id, now)
    const { kind, key, attempts, error } = job
    await recordEvent(db, 'job.retried', origin, { detail: { kind, key, attempts, error } }, now)
    return jobList(db, { id }, 'asc').executeTakeFirstOrThrow()
  })
}
