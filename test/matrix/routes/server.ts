import type { Case } from '../case.ts'

/** Of a job that is always there. */
const job: Case['prepare'] = async ({ core }) => {
  const row = { id: jobId, kind: 'matrix', key: '', run_at: 1, created_at: 1 }
  await core.database.write((db) =>
    db
      .insertInto('jobs')
      .values(row)
      .onConflict((c) => c.doNothing())
      .execute(),
  )
}
const jobId = 1_000_000
const onlyAdministrators = { first: 'person' } as const

const jobCases: readonly Case[] = [
  {
    route: 'GET /admin/jobs',
    may: 'review_instance',
    ...onlyAdministrators,
    prepare: job,
    request: () => ({ path: '/admin/jobs' }),
    shows: () => 'matrix',
  },
  {
    route: 'GET /admin/jobs/:job_id',
    may: 'review_instance',
    ...onlyAdministrators,
    prepare: job,
    request: () => ({ path: `/admin/jobs/${jobId}` }),
    shows: () => 'matrix',
  },
  {
    route: 'POST /admin/jobs/:job_id/retry',
    may: 'admin_instance',
    ...onlyAdministrators,
    prepare: job,
    request: () => ({ path: `/admin/jobs/${jobId}/retry`, body: {} }),
  },
]

export const serverCases: readonly Case[] = [
  { route: 'GET /version', may: 'nothing', scope: 'none', request: () => ({ path: '/version' }) },
  { route: 'GET /openapi.json', may: 'nothing', scope: 'none', request: () => ({ path: '/openapi.json' }) },
  ...jobCases,
]
