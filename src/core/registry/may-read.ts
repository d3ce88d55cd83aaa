import type { ProjectRow } from '../../database/schema.ts'
import { authorize } from '../access/authorize.ts'
import { findProject } from '../records/projects.ts'
import type { RegistryContext } from './context.ts'

/** Whether the caller may read the packages of a project that the registry reaches. */
export async function mayRead(context: RegistryContext, projectId: number): Promise<boolean> {
  const { core, generation, principal } = context
  const project = await keptProject(context, projectId)
  if (!project) return false
  return (
    (await authorize(core, generation(), principal, 'read_packages', { kind: 'project', project })) ===
    'allowed'
  )
}

function keptProject({ core, generation }: RegistryContext, id: number): Promise<ProjectRow | undefined> {
  return core.kept.get(`project/${id}`, generation(), () => findProject(core.database.read, id))
}
