import type { Resource } from '../access/authorize.ts'
import type { PlaceOf } from '../records/places.ts'

/** Where the rows of an owner stand. */
export function placeOf(owner: Resource): PlaceOf {
  if (owner.kind === 'instance') return 'instance'
  return owner.kind === 'group' ? { groupId: owner.group.id } : { projectId: owner.project.id }
}
