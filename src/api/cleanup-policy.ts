/** GitLab's cleanup policy of a project (its `packagesCleanupPolicy`): how many builds of the same file packages keep. */
import { z } from 'zod'
import { jobList } from '../core/records/job-lists.ts'
import { keptBuilds } from '../core/records/retention-rules.ts'
import { changeKeptBuilds } from '../core/retention/manage.ts'
import type { ProjectRow } from '../database/schema.ts'
import { retentionKind } from '../core/retention/run.ts'
import { pathId, time, timeOrNull } from './parameters.ts'
import { reachProject } from './reach.ts'
import { requirePackages } from './reach-package.ts'
import { route, type Call } from './route.ts'

const tag = 'Retention'
const path = '/projects/:id/packages/cleanup/policy'

/** As GitLab has them. */
const counts = z.enum(['all', '1', '10', '20', '30', '40', '50'])
const policy = z
  .strictObject({
    keep_n_duplicated_package_files: counts,
    next_run_at: time.nullable().describe('null: nothing is to be done'),
  })
  .meta({ id: 'PackagesCleanupPolicy' })

async function policyOf({ core }: Pick<Call, 'core'>, project: ProjectRow): Promise<z.input<typeof policy>> {
  const db = core.database.read
  const count = await keptBuilds(db, project.id)
  if (count === undefined) return { keep_n_duplicated_package_files: 'all', next_run_at: null }
  const next = await jobList(db, { kind: retentionKind }, 'asc').executeTakeFirst()
  return {
    keep_n_duplicated_package_files: counts.parse(String(count)),
    next_run_at: timeOrNull(next?.run_at ?? null),
  }
}

const read = route({
  method: 'GET',
  path,
  summary: 'How many builds of the same file the packages of a project keep',
  tag,
  needs: 'read',
  params: { id: pathId },
  response: policy,
  async run(call) {
    requirePackages(call)
    return policyOf(call, await reachProject(call, call.params.id, 'read_settings'))
  },
})

const change = route({
  method: 'PUT',
  path,
  summary:
    'Keep only so many of the newest builds of the same file in one package, such as of a Maven SNAPSHOT',
  tag,
  needs: 'write',
  params: { id: pathId },
  body: { keep_n_duplicated_package_files: z.union([counts, z.int().transform(String).pipe(counts)]) },
  response: policy,
  async run(call) {
    requirePackages(call)
    const { keep_n_duplicated_package_files: count } = call.body
    const project = await reachProject(call, call.params.id, 'admin_project')
    await changeKeptBuilds(call, project, count === 'all' ? undefined : Number(count))
    return policyOf(call, project)
  },
})

export const cleanupPolicyRoutes = [read, change]
