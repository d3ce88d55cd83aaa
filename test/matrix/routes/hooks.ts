import type { Case } from '../case.ts'
import { secretRights } from './at-place.ts'

/** Nothing is delivered there: the server refuses to send to itself. */
const url = 'https://localhost:9/new'
const hook = { url, enabled: false }

function hooksOf(what: 'project' | 'group'): readonly Case[] {
  const route = `/${what}s/:id/hooks`
  const { reviewing, managing } = secretRights[what]
  const at: Case['request'] = (place) => ({ path: `/${what}s/${place[what].id}/hooks` })
  const one: Case['request'] = (place, who) => ({ path: `${at(place, who).path}/${place.hooks[what]}` })
  return [
    { route: `GET ${route}`, ...reviewing, request: at, shows: () => 'localhost:9' },
    { route: `GET ${route}/:hook_id`, ...reviewing, request: one, shows: () => 'localhost:9' },
    {
      route: `POST ${route}`,
      ...managing,
      request: (place, who) => ({ ...at(place, who), body: hook }),
      changes: 'webhooks',
    },
    {
      route: `PUT ${route}/:hook_id`,
      ...managing,
      request: (place, who) => ({ ...one(place, who), body: hook }),
      changes: 'webhooks',
    },
    { route: `DELETE ${route}/:hook_id`, ...managing, request: one, changes: 'webhooks' },
    {
      route: `POST ${route}/:hook_id/test`,
      ...managing,
      // Refused where it would be sent to.
      status: 422,
      request: (place, who) => ({ path: `${one(place, who).path}/test`, body: {} }),
    },
  ]
}

export const hookCases: readonly Case[] = [...hooksOf('project'), ...hooksOf('group')]
