/** What stands on a group, on a project or on the instance: the same routes at three places. */
import { demand, type Resource } from '../core/access/authorize.ts'
import { managing, reachOwner, reading, type What } from './reach-owned.ts'
import type { Call } from './route.ts'

export type Where = What | 'instance'
export const places = ['group', 'project', 'instance'] as const satisfies readonly Where[]
export const placeWords = { group: 'a group', project: 'a project', instance: 'the instance' } as const

/** The path of a route, such as `/groups/:id/-/upstreams`. */
export const placePath = (where: Where, noun: string) =>
  where === 'instance' ? `/${noun}` : `/${where}s/:id/-/${noun}`

/** The place, if the caller may see what is set there, or change it. Throws 401, 403, 404 or 410. */
export async function reachPlace(
  call: Call<{ readonly id: string }>,
  where: Where,
  how: 'read' | 'admin',
): Promise<Resource> {
  if (where !== 'instance') return reachOwner(call, where, how === 'admin' ? managing : reading)
  const { core, generation, principal } = call
  const permission = how === 'admin' ? 'admin_instance' : 'review_instance'
  await demand(core, generation, principal, permission, { kind: 'instance' })
  return { kind: 'instance' }
}
