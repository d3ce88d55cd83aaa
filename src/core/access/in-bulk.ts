/** What `authorize` decides for one project or group, as conditions on many in one query. */
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { Schema } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { reaches } from './authorize.ts'
import type { Machine, Person, Principal } from './principal.ts'
import type { Permission } from './rights.ts'

/** Callers whose access does not depend on the row: nothing at all, or everything. Undefined: ask the rows. */
export function sweeping(
  core: Core,
  principal: Principal,
  permission: Permission,
): 'all' | 'nothing' | undefined {
  if (principal.kind === 'anonymous' && !core.config.access.anonymous) return 'nothing'
  if (!reaches(principal, permission)) return 'nothing'
  return principal.kind === 'user' && principal.admin ? 'all' : undefined
}

/** The visibilities that let this caller in without any role. Only people count as signed in. */
export function openTo(principal: Principal) {
  return principal.kind === 'user' ? (['public', 'internal'] as const) : (['public'] as const)
}

/** Projects that are open to the caller, or on which it has at least this role. */
export function openOrHeldProject(
  core: Core,
  principal: Principal,
  leastRole: number,
  db: Db,
): (eb: ExpressionBuilder<Schema, 'projects'>) => Expression<SqlBool> {
  return (eb) =>
    eb.or([
      eb('projects.packages_access', '=', 'public'),
      eb('projects.visibility', 'in', openTo(principal)),
      ...(principal.kind === 'user' ? heldByPerson(core, principal, leastRole, db)(eb) : []),
      ...(principal.kind === 'machine' && principal.role >= leastRole
        ? [heldByMachine(principal, db)(eb)]
        : []),
    ])
}

/** Groups on which the caller has at least this role, inherited from above too. */
export function heldGroups(core: Core, principal: Principal, leastRole: number, db: Db) {
  const below = db.selectFrom('group_tree').select('group_tree.group_id')
  if (principal.kind === 'user') {
    return below
      .innerJoin('members', 'members.group_id', 'group_tree.ancestor_id')
      .where('members.user_id', '=', principal.userId)
      .where('members.role', '>=', leastRole)
      .where((eb) =>
        eb.or([eb('members.expires_at', 'is', null), eb('members.expires_at', '>', core.clock())]),
      )
  }
  const isHeld = principal.kind === 'machine' && 'groupId' in principal.at && principal.role >= leastRole
  return below.where(
    'group_tree.ancestor_id',
    '=',
    isHeld ? (principal.at as { groupId: number }).groupId : -1,
  )
}

function heldByPerson(core: Core, person: Person, leastRole: number, db: Db) {
  return (eb: ExpressionBuilder<Schema, 'projects'>) => [
    eb(
      'projects.id',
      'in',
      db
        .selectFrom('members')
        .where('members.user_id', '=', person.userId)
        .where('members.role', '>=', leastRole)
        .where((or) =>
          or.or([or('members.expires_at', 'is', null), or('members.expires_at', '>', core.clock())]),
        )
        .where('members.project_id', 'is not', null)
        .select('members.project_id'),
    ),
    eb('projects.group_id', 'in', heldGroups(core, person, leastRole, db)),
  ]
}

function heldByMachine({ at }: Machine, db: Db) {
  return (eb: ExpressionBuilder<Schema, 'projects'>) =>
    'projectId' in at
      ? eb('projects.id', '=', at.projectId)
      : eb(
          'projects.group_id',
          'in',
          db
            .selectFrom('group_tree')
            .select('group_tree.group_id')
            .where('group_tree.ancestor_id', '=', at.groupId),
        )
}
