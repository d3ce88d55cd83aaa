/** Which packages leave by themselves. */
import type { Case } from '../case.ts'
import type { Place } from '../place.ts'
import { id, placeColumns, rights } from './at-place.ts'

const wish = { name: 'new rule', keep_n: 3 }

function rulesOf(what: 'project' | 'group'): readonly Case[] {
  const route = `/${what}s/:id/packages/retention`
  const at = (place: Place) => `/${what}s/${place[what].id}/packages/retention`
  const one = (place: Place) => `${at(place)}/rules/${id}`
  const { reading, managing } = rights[what]
  const changes = 'retention_rules'
  const prepare: Case['prepare'] = async ({ core, place }) => {
    const rule = {
      id,
      ...placeColumns(place, what),
      name: 'rule of the place',
      enabled: 0,
      name_pattern: '*',
      version_pattern: '*',
      stability: 'any',
      keep_n: 1000,
      age_from: 'publication',
      created_at: 1,
      updated_at: 1,
    } as const
    await core.database.write((db) => db.insertInto('retention_rules').values(rule).execute())
  }
  return [
    {
      route: `GET ${route}/rules`,
      ...reading,
      prepare,
      request: (place) => ({ path: `${at(place)}/rules` }),
      shows: () => 'rule of the place',
    },
    {
      route: `POST ${route}/rules`,
      ...managing,
      changes,
      request: (place) => ({ path: `${at(place)}/rules`, body: wish }),
    },
    {
      route: `PATCH ${route}/rules/:rule_id`,
      ...managing,
      changes,
      prepare,
      request: (place) => ({ path: one(place), body: wish }),
    },
    {
      route: `DELETE ${route}/rules/:rule_id`,
      ...managing,
      changes,
      prepare,
      request: (place) => ({ path: one(place) }),
    },
    {
      // Shows packages: of a group, those of every project below.
      route: `GET ${route}/dry_run`,
      may: what === 'group' ? 'review_group' : 'read_settings',
      on: what,
      prepare,
      request: (place) => ({ path: `${at(place)}/dry_run?keeping=true` }),
      shows: () => 'rule of the place',
    },
  ]
}

const policyPath = '/projects/:id/packages/cleanup/policy'
const policy = ({ project }: Place) => `/projects/${project.id}/packages/cleanup/policy`

export const retentionCases: readonly Case[] = [
  ...rulesOf('project'),
  ...rulesOf('group'),
  {
    route: `GET ${policyPath}`,
    may: 'read_settings',
    request: (place) => ({ path: policy(place) }),
    shows: () => 'keep_n_duplicated_package_files',
  },
  {
    route: `PUT ${policyPath}`,
    may: 'admin_project',
    request: (place) => ({ path: policy(place), body: { keep_n_duplicated_package_files: '10' } }),
    changes: 'cleanup_policies',
  },
]
