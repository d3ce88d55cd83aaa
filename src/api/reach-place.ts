/** What stands on a group, on a project or on the instance: the same routes at three places. */
import { demand, type Resource } from '../core/access/authorize.ts'
import { pathId } from './parameters.ts'
import { reachGroup, reachProject } from './reach.ts'
import type { What } from './reach-owned.ts'
import type { Call } from './route.ts'

export type Where = What | 'instance'
export const places = ['group', 'project', 'instance'] as const satisfies readonly Where[]
export const placeWords = { group: 'a group', project: 'a project', instance: 'the instance' } as const

/** The path of a route, such as `/groups/:id/-/upstreams`. */
export const placePath = (where: Where, noun: string) =>
  where === 'instance' ? `/${noun}` : `/${where}s/:id/-/${noun}`

/** Declared as if there always were an id: on the instance there is none, and nobody looks. */
export const placeParams = (where: Where) =>
  (where === 'instance' ? {} : { id: pathId }) as { id: typeof pathId }

/** The place, if the caller may see what is set there, or change it. Throws 401, 403, 404 or 410. */
export async function reachPlace(
  call: Call<{ readonly id?: string }>,
  where: Where,
  how: 'read' | 'admin',
): Promise<Resource> {
  const { core, generation, principal, params } = call
  if (where === 'instance') {
    const permission = how === 'admin' ? 'admin_instance' : 'review_instance'
    await demand(core, generation, principal, permission, { kind: 'instance' })
    return { kind: 'instance' }
  }
  if (where === 'group') {
    const permission = how === 'admin' ? 'admin_group' : 'read_settings'
    return { kind: 'group', group: await reachGroup(call, params.id!, permission) }
  }
  const permission = how === 'admin' ? 'admin_project' : 'read_settings'
  return { kind: 'project', project: await reachProject(call, params.id!, permission) }
}
