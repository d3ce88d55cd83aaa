import type { Resource } from '../access/authorize.ts'
import type { PlaceOf } from '../records/places.ts'

/** The full path of an owner; empty: the instance. */
export function pathOfOwner(owner: Resource): string {
  if (owner.kind === 'instance') return ''
  return owner.kind === 'group' ? owner.group.full_path : owner.project.full_path
}

/** Where the rows of an owner stand. */
export function placeOf(owner: Resource): PlaceOf {
  if (owner.kind === 'instance') return 'instance'
  return owner.kind === 'group' ? { groupId: owner.group.id } : { projectId: owner.project.id }
}
