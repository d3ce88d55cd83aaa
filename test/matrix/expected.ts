/**
 * Who may do what, written by hand from the rules and never from the code: this file imports nothing. The matrix crosses
 * it with every route.
 */

/** What somebody is on a project or group. `outsider`: a token that stands elsewhere, which is no person. */
export type Standing =
  | 'anonymous'
  | 'outsider'
  | 'stranger'
  | 'guest'
  | 'guest token'
  | 'reporter'
  | 'developer'
  | 'maintainer'
  | 'owner'
  | 'admin'

/** How open a project is. `pull`: private, but anyone may install from it. */
export const opennesses = ['private', 'pull', 'internal', 'public'] as const
export type Openness = (typeof opennesses)[number]

/** `hidden`: answered as if it did not exist. `refused`: its existence is no secret, but no. */
export type Outcome = 'allowed' | 'refused' | 'hidden'

export type Permission =
  | 'see'
  | 'find'
  | 'read_packages'
  | 'publish'
  | 'delete_own'
  | 'delete'
  | 'read_settings'
  | 'review_project'
  | 'admin_project'
  | 'audit_project'
  | 'delete_project'
  | 'create_project'
  | 'create_subgroup'
  | 'review_group'
  | 'admin_group'
  | 'audit_group'
  | 'review_instance'
  | 'admin_instance'
  | 'audit_instance'

/** A cell for each openness, in the order of `opennesses`: `+` allowed, `-` refused, `.` hidden. */
type Cells = string

type Row = Readonly<Record<Standing, Cells>>

/** Whoever has a role, and whoever `others` says. */
const fromGuest = (others: Pick<Row, 'anonymous' | 'outsider' | 'stranger'>): Row => ({
  ...others,
  guest: '++++',
  'guest token': '++++',
  reporter: '++++',
  developer: '++++',
  maintainer: '++++',
  owner: '++++',
  admin: '++++',
})
const nobodyElse = { anonymous: '...-', outsider: '...-', stranger: '..--' } as const
const fromDeveloper: Row = {
  ...fromGuest(nobodyElse),
  guest: '----',
  'guest token': '----',
  reporter: '----',
}
const fromMaintainer: Row = { ...fromDeveloper, developer: '----' }
const fromOwner: Row = { ...fromMaintainer, maintainer: '----' }
const administrators: Row = {
  anonymous: '----',
  outsider: '----',
  stranger: '----',
  guest: '----',
  'guest token': '----',
  reporter: '----',
  developer: '----',
  maintainer: '----',
  owner: '----',
  admin: '++++',
}

/** `find`: to learn that it exists, because one may see it or pull from it, or from something below it. */
const table: Readonly<Record<Permission, Row>> = {
  see: fromGuest({ anonymous: '...+', outsider: '...+', stranger: '..++' }),
  find: fromGuest({ anonymous: '.+.+', outsider: '.+.+', stranger: '.+++' }),
  // Only people count as signed in where signed-in people may read.
  read_packages: {
    ...fromGuest({ anonymous: '.+.+', outsider: '.+.+', stranger: '.+++' }),
    guest: '-+++',
    'guest token': '-+-+',
  },
  publish: fromDeveloper,
  delete_own: fromDeveloper,
  delete: fromMaintainer,
  read_settings: fromMaintainer,
  review_project: fromMaintainer,
  admin_project: fromMaintainer,
  audit_project: fromMaintainer,
  delete_project: fromOwner,
  create_project: fromDeveloper,
  create_subgroup: fromMaintainer,
  review_group: fromOwner,
  admin_group: fromOwner,
  audit_group: fromOwner,
  review_instance: administrators,
  admin_instance: administrators,
  audit_instance: administrators,
}

export type Scope = 'api' | 'read_api' | 'read_package_registry' | 'write_package_registry'
export const scopes: readonly Scope[] = ['api', 'read_api', 'read_package_registry', 'write_package_registry']

/** What each scope is a ceiling for. */
const reach: Readonly<Record<Scope, readonly Permission[]>> = {
  api: Object.keys(table) as Permission[],
  read_api: [
    'see',
    'find',
    'read_packages',
    'read_settings',
    'review_project',
    'audit_project',
    'review_group',
    'audit_group',
    'review_instance',
    'audit_instance',
  ],
  read_package_registry: ['see', 'find', 'read_packages'],
  write_package_registry: ['see', 'find', 'read_packages', 'publish'],
}
/** Which scopes reach REST at all. */
export const restScopes: Readonly<Record<'read' | 'write', readonly Scope[]>> = {
  read: ['api', 'read_api'],
  write: ['api'],
}

const outcomes: Readonly<Record<string, Outcome>> = { '+': 'allowed', '-': 'refused', '.': 'hidden' }

/** What the table says of somebody with this standing; `presented`: the scopes of their token, if they have one. */
export function expected(
  permission: Permission,
  standing: Standing,
  openness: Openness,
  presented: readonly Scope[] = ['api'],
): Outcome {
  const cell = table[permission][standing][opennesses.indexOf(openness)] ?? ''
  const outcome = outcomes[cell]
  if (outcome === undefined) throw new Error(`no cell for ${permission}, ${standing}, ${openness}`)
  if (outcome !== 'allowed' || presented.some((scope) => reach[scope].includes(permission))) return outcome
  return 'refused'
}

/** How many cells were written by hand. */
export const cellCount =
  Object.values(table)
    .flatMap((row) => Object.values(row))
    .join('').length +
  Object.keys(table).length * scopes.length
