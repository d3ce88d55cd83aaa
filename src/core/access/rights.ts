import type { Scope } from './principal.ts'

/** Roles as numbers, as GitLab's API shows them. */
export const roles = { none: 0, guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const

/** Everything that can be allowed. Each has the least role that may do it, and the token scopes that reach so far. */
export type Permission =
  | 'see'
  | 'read_packages'
  | 'publish'
  | 'delete_own'
  | 'delete'
  | 'read_settings'
  | 'admin_project'
  | 'delete_project'
  | 'create_project'
  | 'create_subgroup'
  | 'review_group'
  | 'admin_group'
  | 'admin_instance'
  | 'review_instance'

interface Right {
  /** The least role on the project or group; `admin`: only administrators. */
  readonly role: number | 'admin'
  readonly scopes: readonly Scope[]
}

const reading: readonly Scope[] = ['api', 'read_api']
const pulling: readonly Scope[] = ['api', 'read_api', 'read_package_registry', 'write_package_registry']

/**
 * The table of rights. `delete_own`: what oneself published in the last hour. `review_group` and `review_instance`: see
 * what `admin_group` and `admin_instance` change.
 */
export const rights: Readonly<Record<Permission, Right>> = {
  see: { role: roles.guest, scopes: pulling },
  read_packages: { role: roles.reporter, scopes: pulling },
  publish: { role: roles.developer, scopes: ['api', 'write_package_registry'] },
  delete_own: { role: roles.developer, scopes: ['api'] },
  delete: { role: roles.maintainer, scopes: ['api'] },
  read_settings: { role: roles.maintainer, scopes: reading },
  create_project: { role: roles.developer, scopes: ['api'] },
  create_subgroup: { role: roles.maintainer, scopes: ['api'] },
  admin_project: { role: roles.maintainer, scopes: ['api'] },
  delete_project: { role: roles.owner, scopes: ['api'] },
  review_group: { role: roles.owner, scopes: reading },
  admin_group: { role: roles.owner, scopes: ['api'] },
  admin_instance: { role: 'admin', scopes: ['api'] },
  review_instance: { role: 'admin', scopes: reading },
}

/** Scopes that REST routes accept, reading and writing. */
export const restScopes = { read: reading, write: ['api'] as readonly Scope[] }
