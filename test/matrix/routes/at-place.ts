/** What stands at a project, a group or the instance: who may see and manage it there, by hand, and where. */
import type { Case } from '../case.ts'
import type { Place } from '../place.ts'

export type Where = 'project' | 'group' | 'instance'

/** Of rows that are there for one call. */
export const id = 1_000_000

/** Where such a row stands. */
export const placeColumns = ({ project, group }: Place, where: Where) => ({
  project_id: where === 'project' ? project.id : null,
  group_id: where === 'group' ? group.id : null,
})

export const rights = {
  project: {
    reading: { may: 'read_settings', on: 'project' },
    managing: { may: 'admin_project', on: 'project' },
  },
  group: { reading: { may: 'read_settings', on: 'group' }, managing: { may: 'admin_group', on: 'group' } },
  instance: {
    reading: { may: 'review_instance', first: 'person' },
    managing: { may: 'admin_instance', first: 'person' },
  },
} as const

/** What nobody but people and machines with a credential may ask for at all. */
export const secretRights = {
  project: {
    reviewing: { may: 'review_project', on: 'project', first: 'somebody' },
    managing: { may: 'admin_project', on: 'project', first: 'somebody' },
  },
  group: {
    reviewing: { may: 'review_group', on: 'group', first: 'somebody' },
    managing: { may: 'admin_group', on: 'group', first: 'somebody' },
  },
} as const satisfies Record<string, Record<string, Partial<Case>>>

/** The routes of a noun at a place, and their address there. */
export const placed = (where: Where, noun: string) => ({
  route: where === 'instance' ? `/${noun}` : `/${where}s/:id/-/${noun}`,
  at: (place: Place) => (where === 'instance' ? `/${noun}` : `/${where}s/${place[where].id}/-/${noun}`),
})
