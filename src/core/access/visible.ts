import type { Db } from '../../database/database.ts'
import type { Core } from '../core.ts'
import type { Principal } from './principal.ts'
import { rights, roles } from './rights.ts'

/**
 * The projects that this caller may see or pull from: `authorize` for 'see' or 'read_packages', made for all in one
 * query. To be narrowed, ordered and paged by who asks.
 */
export function visibleProjects(core: Core, principal: Principal, db: Db = core.database.read) {
  const projects = db.selectFrom('projects').where('projects.deleted_at', 'is', null)
  if (seesNothing(core, principal)) return projects.where('projects.id', '=', -1)
  if (seesAll(principal)) return projects
  return projects.where((eb) =>
    eb.or([
      eb('projects.packages_access', '=', 'public'),
      eb('projects.visibility', 'in', openTo(principal)),
      eb(
        'projects.id',
        'in',
        memberships(core, principal, db)
          .where('members.project_id', 'is not', null)
          .select('members.project_id'),
      ),
      eb('projects.group_id', 'in', memberGroups(core, principal, db)),
    ]),
  )
}

/** The groups that this caller may see, by itself or because a visible project stands below. */
export function visibleGroups(core: Core, principal: Principal, db: Db = core.database.read) {
  const groups = db.selectFrom('groups').where('groups.deleted_at', 'is', null)
  if (seesNothing(core, principal)) return groups.where('groups.id', '=', -1)
  if (seesAll(principal)) return groups
  return groups.where((eb) =>
    eb.or([
      eb('groups.visibility', 'in', openTo(principal)),
      eb('groups.id', 'in', memberGroups(core, principal, db)),
      eb(
        'groups.id',
        'in',
        db
          .selectFrom('group_tree as above')
          .where('above.group_id', 'in', visibleProjects(core, principal, db).select('projects.group_id'))
          .select('above.ancestor_id'),
      ),
    ]),
  )
}

function seesNothing(core: Core, principal: Principal): boolean {
  if (principal.kind === 'anonymous') return !core.config.access.anonymous
  return principal.token !== undefined && !principal.token.scopes.some((s) => rights.see.scopes.includes(s))
}

const seesAll = (principal: Principal) => principal.kind === 'user' && principal.admin

const openTo = (principal: Principal) =>
  principal.kind === 'user' ? (['public', 'internal'] as const) : (['public'] as const)

function memberships(core: Core, principal: Principal, db: Db) {
  return db
    .selectFrom('members')
    .where('members.user_id', '=', principal.kind === 'user' ? principal.userId : -1)
    .where('members.role', '>=', roles.guest)
    .where((eb) => eb.or([eb('members.expires_at', 'is', null), eb('members.expires_at', '>', core.clock())]))
}

/** Groups the caller has a role on, inherited from above too. */
function memberGroups(core: Core, principal: Principal, db: Db) {
  return memberships(core, principal, db)
    .innerJoin('group_tree', 'group_tree.ancestor_id', 'members.group_id')
    .select('group_tree.group_id')
}
