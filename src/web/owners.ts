/** Finds the group or project a page is about, and refuses those who may not see it. */
import { authorize, refusal } from '../core/access/authorize.ts'
import { readableProjects } from '../core/access/readable.ts'
import type { ProjectQuery } from '../core/records/project-sets.ts'
import type { Permission } from '../core/access/rights.ts'
import { visibleGroups } from '../core/access/visible.ts'
import { resolveGroup, resolveProject } from '../core/registry/resolve.ts'
import type { GroupRow, ProjectRow } from '../database/schema.ts'
import { notFound } from '../lib/problem.ts'
import type { Visit } from './visit.ts'

/** Whether somebody may do this there. */
export async function may(
  { core, generation, principal }: Visit,
  permission: Permission,
  on: { readonly group: GroupRow } | { readonly project: ProjectRow },
): Promise<boolean> {
  const resource = 'group' in on ? ({ kind: 'group', ...on } as const) : ({ kind: 'project', ...on } as const)
  return (await authorize(core, generation, principal, permission, resource)) === 'allowed'
}

/** The project with this full path. Throws as for a missing one where the caller may neither see it nor pull from it. */
export async function seenProject(
  visit: Visit,
  path: string,
): Promise<{ readonly project: ProjectRow; readonly mayRead: boolean }> {
  const project = await named(path, (id) => resolveProject(visit.core, visit.generation, id))
  if (!project) throw notFound()
  const mayRead = await may(visit, 'read_packages', { project })
  if (!mayRead && !(await may(visit, 'see', { project }))) throw notFound()
  return { project, mayRead }
}

/** The project whose packages the caller may read. Throws 404 as for a missing one, or 403 where it may only be seen. */
export async function readProject(visit: Visit, path: string): Promise<ProjectRow> {
  const { project, mayRead } = await seenProject(visit, path)
  if (!mayRead) throw refusal('refused', visit.principal, 'read_packages', { kind: 'project', project })
  return project
}

/** The group with this full path, seen by itself or for a project below. Throws as for a missing one. */
export async function seenGroup(visit: Visit, path: string): Promise<GroupRow> {
  const { core, generation, principal } = visit
  const group = await named(path, (id) => resolveGroup(core, generation, id))
  if (!group) throw notFound()
  if (await may(visit, 'see', { group })) return group
  const seen = await visibleGroups(core, principal)
    .select('groups.id')
    .where('groups.id', '=', group.id)
    .executeTakeFirst()
  if (!seen) throw notFound()
  return group
}

/** Numbers are addresses of the API; on the web a number is a path like any other. */
function named<T>(path: string, find: (id: string) => Promise<T | undefined>): Promise<T | undefined> {
  return /^\d+$/.test(path) ? Promise.resolve(undefined) : find(path)
}

/** The projects below the group whose packages the caller may read. */
export function readableBelow({ core, principal }: Visit, group: GroupRow): ProjectQuery {
  return readableProjects(core, principal, { kind: 'groups', groupIds: [group.id] })
}
