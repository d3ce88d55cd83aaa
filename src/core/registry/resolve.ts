import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { findGroup } from '../records/groups.ts'
import { findPaths } from '../records/paths.ts'
import { findProject } from '../records/projects.ts'

/** The project with this number or full path, if it exists and is not deleted. */
export async function resolveProject(
  core: Core,
  generation: number,
  id: string,
): Promise<ProjectRow | undefined> {
  const number = await idOf(core, generation, id, 'project_id')
  if (number === undefined) return undefined
  return core.kept.get(`project/${number}`, generation, () => findProject(core.database.read, number))
}

/** The group with this number or full path, if it exists and is not deleted. */
export async function resolveGroup(
  core: Core,
  generation: number,
  id: string,
): Promise<GroupRow | undefined> {
  const number = await idOf(core, generation, id, 'group_id')
  if (number === undefined) return undefined
  return core.kept.get(`group/${number}`, generation, () => findGroup(core.database.read, number))
}

async function idOf(core: Core, generation: number, id: string, column: 'project_id' | 'group_id') {
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id)
  if (id.length > 1024) return undefined
  const [path] = await core.kept.get(`path/${id.toLowerCase()}`, generation, () =>
    findPaths(core.database.read, [id]),
  )
  return path?.[column] ?? undefined
}
