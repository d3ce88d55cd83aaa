/** What stands at a project, a group or the instance: two columns, of which one at most is set. */
export type PlaceOf = { readonly projectId: number } | { readonly groupId: number } | 'instance'

/** Whose a row is. */
export interface PlaceColumns {
  readonly group_id: number | null
  readonly project_id: number | null
}

/** The columns of a row of this place. */
export const placeColumns = (place: PlaceOf): PlaceColumns => ({
  group_id: place !== 'instance' && 'groupId' in place ? place.groupId : null,
  project_id: place !== 'instance' && 'projectId' in place ? place.projectId : null,
})

/** The place as events say it. */
export const eventPlace = (place: PlaceOf) => (place === 'instance' ? {} : place)

/** The place that such columns name. */
export const placeOfColumns = ({ group_id: groupId, project_id: projectId }: PlaceColumns): PlaceOf =>
  projectId !== null ? { projectId } : groupId !== null ? { groupId } : 'instance'

/** The rows of this place. */
export function inPlace<Q extends { where: (...args: any[]) => Q }>(query: Q, place: PlaceOf): Q {
  if (place === 'instance') return query.where('group_id', 'is', null).where('project_id', 'is', null)
  return 'groupId' in place
    ? query.where('group_id', '=', place.groupId)
    : query.where('project_id', '=', place.projectId)
}
