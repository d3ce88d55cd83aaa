import { z } from 'zod'
import { demand } from '../core/access/authorize.ts'
import { found } from '../core/owners/manage.ts'
import { retryNow } from '../core/owners/retry-job.ts'
import { jobList, jobStates, type ListedJob } from '../core/records/job-lists.ts'
import { mapPage } from '../core/records/pages.ts'
import { keysetParameters, readAskedPage } from './keyset.ts'
import { numberId, searchText, time, timeOf, timeOrNull } from './parameters.ts'
import { listRoute, route, type Call } from './route.ts'

const tag = 'Jobs'

const state = z
  .enum(jobStates)
  .describe('retrying: failed, and tried again soon; failed: failed often, and tried again every hour')

const job = z
  .strictObject({
    id: z.int(),
    kind: z.string().describe('what it does'),
    key: z.string().describe('what it does that to; empty: everything'),
    state,
    attempts: z.int().describe('since it last succeeded'),
    error: z.string().nullable().describe('why it last failed'),
    run_at: time.describe('when it runs, or runs again'),
    lease_until: time.nullable().describe('when another worker may take it over'),
    created_at: time,
  })
  .meta({ id: 'Job' })

const jobJson = (row: ListedJob): z.input<typeof job> => ({
  id: row.id,
  kind: row.kind,
  key: row.key,
  state: row.state,
  attempts: row.attempts,
  error: row.error,
  run_at: timeOf(row.run_at),
  lease_until: timeOrNull(row.lease_until),
  created_at: timeOf(row.created_at),
})

const review = ({ core, generation, principal }: Call) =>
  demand(core, generation, principal, 'review_instance', { kind: 'instance' })

const list = listRoute({
  method: 'GET',
  path: '/admin/jobs',
  summary: 'What is done apart from requests: waiting, under way, or failed (administrators)',
  tag,
  needs: 'read',
  query: { ...keysetParameters, state: state.optional(), kind: searchText.optional() },
  item: job,
  async run(call, window) {
    await review(call)
    const { core, query } = call
    const rows = jobList(core.database.read, query, query.sort)
    const page = await readAskedPage<ListedJob>(core.database.read, rows, 'jobs.id', query, window)
    return mapPage(page, jobJson)
  },
})

const params = { job_id: numberId }

const one = route({
  method: 'GET',
  path: '/admin/jobs/:job_id',
  summary: 'A job (administrators)',
  tag,
  needs: 'read',
  params,
  response: job,
  async run(call) {
    await review(call)
    const jobs = jobList(call.core.database.read, { id: call.params.job_id }, 'asc')
    return jobJson(found(await jobs.executeTakeFirst(), 'Job'))
  },
})

const retry = route({
  method: 'POST',
  path: '/admin/jobs/:job_id/retry',
  summary: 'Run a job now instead of at its time (administrators)',
  tag,
  needs: 'write',
  params,
  response: job,
  run: async (call) => jobJson(await retryNow(call, call.params.job_id)),
})

export const jobRoutes = [list, one, retry]
