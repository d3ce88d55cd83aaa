/** What maintainers and owners set, and what happened. */
import type { Case } from '../case.ts'
import type { Place } from '../place.ts'

const rules = ({ project }: Place) => `/projects/${project.id}/packages/protection/rules`
const rulesPath = '/projects/:id/packages/protection/rules'
const rule = { package_name_pattern: 'x*', package_type: 'generic', minimum_access_level_for_push: 'owner' }
const settings = ({ group }: Place) => `/groups/${group.id}/package_settings`

const protection: readonly Case[] = [
  {
    route: `GET ${rulesPath}`,
    may: 'read_settings',
    request: (at) => ({ path: rules(at) }),
    shows: () => 'kept-*',
  },
  {
    route: `POST ${rulesPath}`,
    may: 'admin_project',
    request: (at) => ({ path: rules(at), body: rule }),
    changes: 'protection_rules',
  },
  {
    route: `PATCH ${rulesPath}/:package_protection_rule_id`,
    may: 'admin_project',
    request: (at) => ({ path: `${rules(at)}/${at.ruleId}`, body: { package_name_pattern: 'y*' } }),
    changes: 'protection_rules',
  },
  {
    route: `DELETE ${rulesPath}/:package_protection_rule_id`,
    may: 'admin_project',
    request: (at) => ({ path: `${rules(at)}/${at.ruleId}` }),
    changes: 'protection_rules',
  },
]

const duplicates: readonly Case[] = [
  {
    route: 'GET /groups/:id/package_settings',
    may: 'read_settings',
    on: 'group',
    request: (at) => ({ path: settings(at) }),
    shows: () => 'duplicates_allowed',
  },
  {
    route: 'PUT /groups/:id/package_settings/:format',
    may: 'admin_group',
    on: 'group',
    request: (at) => ({ path: `${settings(at)}/generic`, body: { duplicates_allowed: false } }),
    changes: 'package_settings',
  },
  {
    route: 'DELETE /groups/:id/package_settings/:format',
    may: 'admin_group',
    on: 'group',
    async prepare({ place, core }) {
      const row = { group_id: place.group.id, format: 'generic', duplicates: 'never' } as const
      await core.database.write((db) => db.insertInto('package_settings').values(row).execute())
    },
    request: (at) => ({ path: `${settings(at)}/generic` }),
    changes: 'package_settings',
  },
]

const audits = [
  { path: '', at: () => '', who: { may: 'audit_instance', first: 'person' } },
  {
    path: '/groups/:id',
    at: ({ group }: Place) => `/groups/${group.id}`,
    who: { may: 'audit_group', on: 'group' },
  },
  {
    path: '/projects/:id',
    at: ({ project }: Place) => `/projects/${project.id}`,
    who: { may: 'audit_project' },
  },
] as const

const happened: readonly Case[] = audits.flatMap(({ path, at, who }): Case[] => [
  {
    route: `GET ${path}/audit_events`,
    ...who,
    request: (place) => ({ path: `${at(place)}/audit_events?kind=package.published` }),
    shows: () => 'created_at',
  },
  {
    route: `GET ${path}/audit_events/:audit_event_id`,
    ...who,
    request: (place) => ({ path: `${at(place)}/audit_events/${place.eventId}` }),
    shows: () => 'created_at',
  },
])

export const settingsCases: readonly Case[] = [...protection, ...duplicates, ...happened]
