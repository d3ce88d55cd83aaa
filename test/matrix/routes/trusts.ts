import type { Case } from '../case.ts'
import { secretRights } from './at-place.ts'

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** Signed by nobody. */
const idToken = `${base64({ alg: 'RS256', kid: 'x' })}.${base64({ iss: 'https://elsewhere.example' })}.AAAA`
const wish = { name: 'new', issuer: 'https://ci.example', conditions: { project_path: 'acme/app' } }

function trustsOf(what: 'project' | 'group'): readonly Case[] {
  const route = `/${what}s/:id/trusts`
  const { reviewing, managing } = secretRights[what]
  const at: Case['request'] = (place) => ({ path: `/${what}s/${place[what].id}/trusts` })
  const one: Case['request'] = (place, who) => ({ path: `${at(place, who).path}/${place.trusts[what]}` })
  return [
    { route: `GET ${route}`, ...reviewing, request: at, shows: () => 'trust of the place' },
    { route: `GET ${route}/:trust_id`, ...reviewing, request: one, shows: () => 'trust of the place' },
    {
      route: `POST ${route}`,
      ...managing,
      request: (place, who) => ({ ...at(place, who), body: wish }),
      changes: 'trusts',
    },
    {
      route: `PUT ${route}/:trust_id`,
      ...managing,
      request: (place, who) => ({ ...one(place, who), body: { name: 'changed' } }),
      changes: 'trusts',
    },
    { route: `DELETE ${route}/:trust_id`, ...managing, request: one, changes: 'trusts' },
    {
      route: `POST ${route}/:trust_id/dry_run`,
      ...reviewing,
      scope: 'read',
      request: (place, who) => ({ path: `${one(place, who).path}/dry_run`, body: { id_token: idToken } }),
      shows: () => 'accepted',
    },
  ]
}

export const trustCases: readonly Case[] = [
  ...trustsOf('project'),
  ...trustsOf('group'),
  // That nobody gets in without an ID token; who gets in with one is another test's matter.
  {
    route: 'POST /job_tokens/exchange',
    may: 'nobody',
    request: () => ({ path: '/job_tokens/exchange', body: { id_token: 'made-up' } }),
    shows: () => '"token":',
  },
]
