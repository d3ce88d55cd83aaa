import type { Db } from '../../database/database.ts'
import type { Core } from '../core.ts'
import { heldGroups, openOrHeldProject, openTo, sweeping } from './in-bulk.ts'
import type { Principal } from './principal.ts'
import { roles } from './rights.ts'

/**
 * The projects that this caller may see or pull from: `authorize` for 'see' or 'read_packages', made for all in one
 * query. To be narrowed, ordered and paged by who asks.
 */
export function visibleProjects(core: Core, principal: Principal, db: Db = core.database.read) {
  const projects = db.selectFrom('projects').where('projects.deleted_at', 'is', null)
  const sweep = sweeping(core, principal, 'see')
  if (sweep === 'nothing') return projects.where('projects.id', '=', -1)
  return sweep === 'all' ? projects : projects.where(openOrHeldProject(core, principal, roles.guest, db))
}

/** The groups that this caller may see, by itself or because a visible project stands below. */
export function visibleGroups(core: Core, principal: Principal, db: Db = core.database.read) {
  const groups = db.selectFrom('groups').where('groups.deleted_at', 'is', null)
  const sweep = sweeping(core, principal, 'see')
  if (sweep === 'nothing') return groups.where('groups.id', '=', -1)
  if (sweep === 'all') return groups
  return groups.where((eb) =>
    eb.or([
      eb('groups.visibility', 'in', openTo(principal)),
      eb('groups.id', 'in', heldGroups(core, principal, roles.guest, db)),
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
