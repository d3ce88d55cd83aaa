import type { Db } from '../../database/database.ts'
import type { MemberRow } from '../../database/schema.ts'
import { conflict } from '../../lib/problem.ts'

export type MemberOf = { readonly group_id: number } | { readonly project_id: number }

export interface NewMember {
  readonly userId: number
  readonly of: MemberOf
  readonly role: number
  readonly expiresAt?: number | null | undefined
}

/** Gives a user a role on a group or project. Throws 409 if there is one already. */
export async function addMember(db: Db, member: NewMember, now: number): Promise<MemberRow> {
  if (await findMember(db, member.userId, member.of)) throw conflict('Member already exists')
  return db
    .insertInto('members')
    .values({
      user_id: member.userId,
      group_id: null,
      project_id: null,
      ...member.of,
      role: member.role,
      created_at: now,
      expires_at: member.expiresAt ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function findMember(db: Db, userId: number, of: MemberOf): Promise<MemberRow | undefined> {
  return membersOf(db, of).selectAll().where('user_id', '=', userId).executeTakeFirst()
}

/** The direct members of a group or project. */
export function membersOf(db: Db, of: MemberOf) {
  const members = db.selectFrom('members')
  return 'group_id' in of
    ? members.where('members.group_id', '=', of.group_id)
    : members.where('members.project_id', '=', of.project_id)
}

/** The roles a user has on a group (`projectId` left out) or project, direct and inherited, that have not expired. */
export function rolesOf(db: Db, userId: number, groupId: number, projectId: number | undefined, now: number) {
  return db
    .selectFrom('members')
    .select(['role', 'expires_at'])
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .where((eb) =>
      eb.or([
        eb(
          'group_id',
          'in',
          eb.selectFrom('group_tree').select('ancestor_id').where('group_tree.group_id', '=', groupId),
        ),
        ...(projectId === undefined ? [] : [eb('project_id', '=', projectId)]),
      ]),
    )
    .execute()
}
