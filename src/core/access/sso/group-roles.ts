/** Roles that people have because of their groups at the provider: given and taken at each sign-in. */
import type { SsoConfig } from '../../../config/config.ts'
import type { Db } from '../../../database/database.ts'
import type { MemberRow } from '../../../database/schema.ts'
import { recordEvent, type Origin } from '../../records/events.ts'
import { roles } from '../rights.ts'

interface Change {
  readonly kind: 'member.added' | 'member.changed' | 'member.removed'
  readonly groupId: number
  readonly role: number
}

/**
 * Makes the user's roles from single sign-on those that `groups` bring; of several for one group the highest. Roles
 * that people gave stay as they are, and stand before. Inside a write transaction. Returns the paths of configured groups
 * that do not exist.
 */
export async function applyGroupRoles(
  db: Db,
  userId: number,
  groups: readonly string[],
  { groupRoles }: Pick<SsoConfig, 'groupRoles'>,
  origin: Origin,
  now: number,
): Promise<string[]> {
  const due = groupRoles.filter(({ claim }) => groups.includes(claim))
  const ids = await groupIds(
    db,
    due.map(({ group }) => group),
  )
  const wanted = new Map<number, number>()
  for (const { group, role } of due) {
    const id = ids.get(group.toLowerCase())
    if (id !== undefined) wanted.set(id, Math.max(roles[role], wanted.get(id) ?? 0))
  }
  const present = await db.selectFrom('members').selectAll().where('user_id', '=', userId).execute()
  for (const change of changesTo(wanted, present)) {
    await apply(db, userId, change, now)
    const { kind, groupId, role } = change
    await recordEvent(db, kind, origin, { groupId, detail: { user: userId, role, source: 'sso' } }, now)
  }
  return due.map(({ group }) => group).filter((group) => !ids.has(group.toLowerCase()))
}

/** By path in lower case. */
async function groupIds(db: Db, paths: readonly string[]): Promise<Map<string, number>> {
  if (paths.length === 0) return new Map()
  const rows = await db
    .selectFrom('paths')
    .select(['key', 'group_id'])
    .where(
      'key',
      'in',
      paths.map((path) => path.toLowerCase()),
    )
    .where('state', '=', 'held')
    .where('group_id', 'is not', null)
    .execute()
  return new Map(rows.map((row) => [row.key, row.group_id!]))
}

function changesTo(wanted: ReadonlyMap<number, number>, present: readonly MemberRow[]): Change[] {
  const changes: Change[] = []
  const known = new Map(
    present.flatMap((member) => (member.group_id === null ? [] : [[member.group_id, member]])),
  )
  for (const [groupId, role] of wanted) {
    const member = known.get(groupId)
    if (!member) changes.push({ kind: 'member.added', groupId, role })
    else if (member.source === 'sso' && member.role !== role)
      changes.push({ kind: 'member.changed', groupId, role })
  }
  for (const [groupId, { source, role }] of known) {
    if (source === 'sso' && !wanted.has(groupId)) changes.push({ kind: 'member.removed', groupId, role })
  }
  return changes
}

async function apply(db: Db, userId: number, { kind, groupId, role }: Change, now: number): Promise<void> {
  if (kind === 'member.added') {
    const own = { user_id: userId, group_id: groupId, project_id: null, role, source: 'sso' as const }
    await db
      .insertInto('members')
      .values({ ...own, created_at: now, expires_at: null })
      .execute()
    return
  }
  if (kind === 'member.changed') {
    await db
      .updateTable('members')
      .set({ role })
      .where('user_id', '=', userId)
      .where('group_id', '=', groupId)
      .execute()
    return
  }
  await db.deleteFrom('members').where('user_id', '=', userId).where('group_id', '=', groupId).execute()
}
