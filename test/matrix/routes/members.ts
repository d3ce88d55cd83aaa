import type { Case } from '../case.ts'
import type { Place } from '../place.ts'

function casesOf(what: 'project' | 'group'): readonly Case[] {
  const at = ({ [what]: owner }: Place) => `/${what}s/${owner.id}/members`
  const admin = what === 'project' ? 'admin_project' : 'admin_group'
  const path = `/${what}s/:id/members`
  // A group is found by what stands below it, but managed by who has a role on it.
  const writing = { may: admin, on: what, first: 'find, as a person' } as const
  const reading = {
    may: 'find',
    on: what === 'project' ? 'project' : 'below',
    first: 'find, as a person',
  } as const
  return [
    {
      route: `GET ${path}`,
      ...reading,
      request: (place) => ({ path: at(place) }),
      shows: ({ member }) => member.path,
    },
    {
      route: `GET ${path}/:user_id`,
      ...reading,
      request: (place) => ({ path: `${at(place)}/${place.member.id}` }),
      shows: ({ member }) => member.path,
    },
    {
      route: `POST ${path}`,
      ...writing,
      request: (place) => ({ path: at(place), body: { user_id: place.newcomer.id, access_level: 10 } }),
      changes: 'members',
    },
    {
      route: `PUT ${path}/:user_id`,
      ...writing,
      request: (place) => ({ path: `${at(place)}/${place.member.id}`, body: { access_level: 20 } }),
      changes: 'members',
    },
    {
      route: `DELETE ${path}/:user_id`,
      ...writing,
      request: (place) => ({ path: `${at(place)}/${place.member.id}` }),
      changes: 'members',
    },
  ]
}

export const memberCases: readonly Case[] = [...casesOf('project'), ...casesOf('group')]
