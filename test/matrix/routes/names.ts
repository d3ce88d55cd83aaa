import type { Case } from '../case.ts'
import type { Place } from '../place.ts'

const at = ({ group }: Place) => `/groups/${group.id}`
const reviewing = { may: 'read_settings', on: 'group' } as const
const managing = { may: 'admin_group', on: 'group' } as const

export const nameCases: readonly Case[] = [
  {
    route: 'GET /groups/:id/names',
    first: 'group',
    may: 'read_packages',
    isList: true,
    request: (place) => ({ path: `${at(place)}/names?search=rest` }),
    shows: ({ project }) => `"${project.path}"`,
  },
  {
    route: 'POST /groups/:id/names/move',
    ...managing,
    request: (place) => ({
      path: `${at(place)}/names/move`,
      body: { format: 'generic', name: 'rest', project_id: place.sibling.id },
    }),
    changes: 'name_owners',
  },
  {
    route: 'GET /groups/:id/name_reservations',
    ...reviewing,
    request: (place) => ({ path: `${at(place)}/name_reservations` }),
    shows: () => 'reserved-*',
  },
  {
    route: 'POST /groups/:id/name_reservations',
    ...managing,
    request: (place) => ({
      path: `${at(place)}/name_reservations`,
      body: { format: 'generic', pattern: 'more-*' },
    }),
    changes: 'name_reservations',
  },
  {
    route: 'DELETE /groups/:id/name_reservations/:reservation_id',
    ...managing,
    request: (place) => ({ path: `${at(place)}/name_reservations/${place.reservationId}` }),
    changes: 'name_reservations',
  },
  {
    route: 'GET /groups/:id/mixing',
    ...reviewing,
    request: (place) => ({ path: `${at(place)}/mixing` }),
    shows: () => 'mixed-*',
  },
  {
    route: 'POST /groups/:id/mixing',
    ...managing,
    request: (place) => ({
      path: `${at(place)}/mixing`,
      body: { format: 'generic', pattern: 'more-*', project_ids: [place.project.id] },
    }),
    changes: 'name_mixing',
  },
  {
    route: 'DELETE /groups/:id/mixing/:mixing_id',
    ...managing,
    request: (place) => ({ path: `${at(place)}/mixing/${place.mixingId}` }),
    changes: 'name_mixing',
  },
]
