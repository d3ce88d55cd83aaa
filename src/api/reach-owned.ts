import type { Owned } from '../core/owners/members.ts'
import { unauthorized } from '../lib/problem.ts'
import { reachGroup, reachProject } from './reach.ts'
import type { Call } from './route.ts'

/** What settings stand on. */
export type What = 'group' | 'project'

/**
 * The group or project whose settings the caller may see (`review`) or change (`admin`).
 * @throws Problem 401 for nobody, 404, 403 or 410 as `reachProject`.
 */
export async function reachOwned(
  call: Call<{ readonly id: string }>,
  what: What,
  how: 'review' | 'admin',
): Promise<Owned> {
  if (call.principal.kind === 'anonymous') throw unauthorized()
  const { id } = call.params
  if (what === 'group') {
    return {
      kind: 'group',
      group: await reachGroup(call, id, how === 'admin' ? 'admin_group' : 'review_group'),
    }
  }
  const permission = how === 'admin' ? 'admin_project' : 'read_settings'
  return { kind: 'project', project: await reachProject(call, id, permission) }
}
