/** Who has which role on groups and projects. */
import type { Db } from '../../database/database.ts'
import type { MemberRow } from '../../database/schema.ts'
import { forbidden } from '../../lib/problem.ts'
import { demand, roleOn, type Resource } from '../access/authorize.ts'
import { roles } from '../access/rights.ts'
import { addMember, findMember, membersOf, type MemberOf } from '../records/members.ts'
import { findUser } from '../records/users.ts'
import type { Acting } from './acting.ts'
import { found, recordAt } from './manage.ts'

/** What has members. */
export type Owned = Exclude<Resource, { kind: 'instance' }>

export interface RoleWish {
  readonly role: number
  /** Milliseconds since 1970; null: for ever. */
  readonly expiresAt?: number | null | undefined
}

export const memberOf = (owned: Owned): MemberOf =>
  owned.kind === 'group' ? { group_id: owned.group.id } : { project_id: owned.project.id }

/**
 * Gives a user a role.
 * @throws Problem 401, 403 or 404 where the caller may not, 403 for a role above the caller's own, 404 for an unknown
 * user, 409 for one who is a member already.
 */
export async function giveRole(
  acting: Acting,
  owned: Owned,
  userId: number,
  wish: RoleWish,
): Promise<MemberRow> {
  const highest = await demandManagement(acting, owned)
  checkRole(wish.role, highest)
  const now = acting.core.clock()
  return acting.core.database.write(async (db) => {
    found(await findUser(db, userId), 'User')
    const wanted = { userId, of: memberOf(owned), role: wish.role, expiresAt: wish.expiresAt }
    const member = await addMember(db, wanted, now)
    await record(db, acting, owned, 'member.added', member)
    return member
  })
}

/** Changes a role or its expiry. Throws as `giveRole`; 403 too if a top-level group would lose its last owner. */
export async function changeRole(
  acting: Acting,
  owned: Owned,
  userId: number,
  wish: RoleWish,
): Promise<MemberRow> {
  const highest = await demandManagement(acting, owned)
  checkRole(wish.role, highest)
  return acting.core.database.write(async (db) => {
    const member = await existing(db, owned, userId)
    checkRole(member.role, highest)
    if (wish.role < member.role) await keepAnOwner(db, acting, owned, member)
    const expiry = wish.expiresAt === undefined ? {} : { expires_at: wish.expiresAt }
    const changed = await db
      .updateTable('members')
      .set({ role: wish.role, ...expiry })
      .where('id', '=', member.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await record(db, acting, owned, 'member.changed', changed)
    return changed
  })
}

/** Takes a role away; everybody may leave. Throws as `changeRole`. */
export async function takeRole(acting: Acting, owned: Owned, userId: number): Promise<void> {
  const { principal } = acting
  const isSelf = principal.kind === 'user' && principal.userId === userId
  const highest = isSelf ? roles.owner : await demandManagement(acting, owned)
  await acting.core.database.write(async (db) => {
    const member = await existing(db, owned, userId)
    checkRole(member.role, highest)
    await keepAnOwner(db, acting, owned, member)
    await db.deleteFrom('members').where('id', '=', member.id).execute()
    await record(db, acting, owned, 'member.removed', member)
  })
}

/** Throws unless the caller manages members here; resolves to the highest role it may give. */
export async function demandManagement(acting: Acting, owned: Owned): Promise<number> {
  const { core, generation, principal } = acting
  await demand(core, generation, principal, owned.kind === 'group' ? 'admin_group' : 'admin_project', owned)
  if (principal.kind === 'user' && principal.admin) return roles.owner
  return roleOn(core, generation, principal, owned)
}

function checkRole(role: number, highest: number): void {
  if (role > highest) throw forbidden('403 Forbidden - nobody gives or takes a role above their own')
}

async function existing(db: Db, owned: Owned, userId: number): Promise<MemberRow> {
  return found(await findMember(db, userId, memberOf(owned)), 'Member')
}

/** Below the top the owners of the groups above own too. */
async function keepAnOwner(db: Db, { core }: Acting, owned: Owned, member: MemberRow): Promise<void> {
  const isTopLevel = owned.kind === 'group' && owned.group.parent_id === null
  if (!isTopLevel || member.role < roles.owner) return
  const other = await membersOf(db, memberOf(owned))
    .select('id')
    .where('role', '=', roles.owner)
    .where('id', '<>', member.id)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', core.clock())]))
    .limit(1)
    .executeTakeFirst()
  if (!other) throw forbidden('403 Forbidden - a group must keep at least one owner')
}

function record(
  db: Db,
  acting: Acting,
  owned: Owned,
  kind: 'member.added' | 'member.changed' | 'member.removed',
  { user_id: user, role }: MemberRow,
): Promise<void> {
  return recordAt(db, acting, owned, kind, { detail: { user, role } })
}
