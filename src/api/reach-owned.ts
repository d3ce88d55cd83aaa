/** Finds the group or project on which something stands. */
import type { Permission } from '../core/access/rights.ts'
import type { Owned } from '../core/owners/members.ts'
import { unauthorized } from '../lib/problem.ts'
import { reachGroup, reachProject } from './reach.ts'
import type { Call } from './route.ts'

/** What settings stand on. */
export type What = 'group' | 'project'

/** Who may see settings: those that anybody with a role there may know, and those that tell of more. */
export const reading = { group: 'read_settings', project: 'read_settings' } as const
export const reviewing = { group: 'review_group', project: 'read_settings' } as const
/** Who may change them. */
export const managing = { group: 'admin_group', project: 'admin_project' } as const

/** The group or project, if the caller has the permission there. Throws Problem 404, 403 or 410 as `reachProject`. */
export async function reachOwner(
  call: Call<{ readonly id: string }>,
  what: What,
  permissions: Readonly<Record<What, Permission>>,
): Promise<Owned> {
  const { id } = call.params
  if (what === 'group') return { kind: 'group', group: await reachGroup(call, id, permissions.group) }
  return { kind: 'project', project: await reachProject(call, id, permissions.project) }
}

/**
 * The group or project whose settings the caller may review or change. Nobody gets to know any.
 * @throws Problem 401 for nobody, otherwise as `reachOwner`.
 */
export async function reachOwned(
  call: Call<{ readonly id: string }>,
  what: What,
  how: 'read' | 'admin',
): Promise<Owned> {
  if (call.principal.kind === 'anonymous') throw unauthorized()
  return reachOwner(call, what, how === 'admin' ? managing : reviewing)
}
