/** Finds the project or group a REST route names. Refusals are GitLab's: 404 for what the caller may not see. */
import { authorize, refusal, type Resource } from '../core/access/authorize.ts'
import type { Person } from '../core/access/principal.ts'
import { readsSome } from '../core/access/readable.ts'
import type { Permission } from '../core/access/rights.ts'
import { visibleGroups } from '../core/access/visible.ts'
import type { Acting } from '../core/owners/acting.ts'
import { refuseGone } from '../core/owners/deleted.ts'
import { resolveGroup, resolveProject } from '../core/registry/resolve.ts'
import type { GroupRow, ProjectRow } from '../database/schema.ts'
import { forbidden, notFound, unauthorized } from '../lib/problem.ts'

/** The caller, who must be a person. Throws 401 for nobody, 403 for a token that stands for no person. */
export function signedIn({ principal }: Pick<Acting, 'principal'>): Person {
  if (principal.kind === 'user') return principal
  throw principal.kind === 'anonymous'
    ? unauthorized()
    : forbidden("403 Forbidden - this needs a person's token")
}

/** The project with this number or path, if the caller has the permission there. Throws 404, 403, or 410. */
export async function reachProject(acting: Acting, id: string, permission: Permission): Promise<ProjectRow> {
  const { core, generation, principal } = acting
  const project = await resolveProject(core, generation, id)
  if (!project) {
    await refuseGone(core, generation, principal, 'project', id)
    throw notFound('404 Project Not Found')
  }
  await demandRest(acting, permission, { kind: 'project', project })
  return project
}

/** A project of which the caller may see that it exists, or pull from it. */
export async function seeProject(acting: Acting, id: string): Promise<ProjectRow> {
  const { core, generation, principal } = acting
  const project = await resolveProject(core, generation, id)
  if (project) {
    const pulling = await authorize(core, generation, principal, 'read_packages', {
      kind: 'project',
      project,
    })
    if (pulling === 'allowed') return project
  }
  return reachProject(acting, id, 'see')
}

/** As `reachProject`, for groups. */
export async function reachGroup(acting: Acting, id: string, permission: Permission): Promise<GroupRow> {
  const group = await groupAt(acting, id)
  await demandRest(acting, permission, { kind: 'group', group })
  return group
}

/** A group that the caller may see: by itself, or because something visible stands below. */
export async function seeGroup(acting: Acting, id: string): Promise<GroupRow> {
  const group = await groupAt(acting, id)
  const found = await visibleGroups(acting.core, acting.principal)
    .select('groups.id')
    .where('groups.id', '=', group.id)
    .executeTakeFirst()
  if (!found) throw notFound('404 Group Not Found')
  return group
}

/** A group as its registries are entered: by who may read something below it, or see the group itself. Throws 404 or 403. */
export async function enterGroup(acting: Acting, id: string): Promise<GroupRow> {
  const { core, generation, principal } = acting
  const group = await groupAt(acting, id)
  if (!(await readsSome(core, generation, principal, { kind: 'groups', groupIds: [group.id] }))) {
    await demandRest(acting, 'see', { kind: 'group', group })
  }
  return group
}

/** The group, whether the caller may see it or not: who asks decides that. */
export async function groupAt({ core, generation, principal }: Acting, id: string): Promise<GroupRow> {
  const group = await resolveGroup(core, generation, id)
  if (group) return group
  await refuseGone(core, generation, principal, 'group', id)
  throw notFound('404 Group Not Found')
}

/** Unlike on package routes, nobody is asked for a credential: what anonymous callers may not see is not there. */
export async function demandRest(acting: Acting, permission: Permission, resource: Resource): Promise<void> {
  const { core, generation, principal } = acting
  const decision = await authorize(core, generation, principal, permission, resource)
  if (decision === 'allowed') return
  if (principal.kind !== 'anonymous') throw refusal(decision, principal, permission, resource)
  if (decision !== 'hidden') throw forbidden()
  throw notFound(`404 ${resource.kind === 'group' ? 'Group' : 'Project'} Not Found`)
}
