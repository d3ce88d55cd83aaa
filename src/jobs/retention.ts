import { enqueueAll } from '../core/records/job-requests.ts'
import { findProject } from '../core/records/projects.ts'
import { projectsWithRetention } from '../core/records/retention-rules.ts'
import { retain, retentionKind } from '../core/retention/run.ts'
import type { JobKind } from './job.ts'

/** Removes what a project's rules let go; its key is the project's number. What fails in one holds up no other. */
export const retainProject: JobKind = {
  kind: 'retain-project',
  async run(core, key, signal) {
    const project = await findProject(core.database.read, Number(key))
    if (project) await retain(core, project, signal)
  },
}

/** As often as GitLab's cleanup policies. */
export const retention: JobKind = {
  kind: retentionKind,
  every: 43_200_000,
  async run(core) {
    const ids = await projectsWithRetention(core.database.read)
    await core.database.write((db) => enqueueAll(db, retainProject.kind, ids.map(String), core.clock()))
  },
}
