/** New groups and projects: who may make them, and who owns them. */
import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import { forbidden, invalid } from '../../lib/problem.ts'
import { authorize, demand } from '../access/authorize.ts'
import { roles } from '../access/rights.ts'
import { recordEvent } from '../records/events.ts'
import { createGroup, type NewGroup } from '../records/groups.ts'
import { addMember } from '../records/members.ts'
import { createProject, type NewProject } from '../records/projects.ts'
import type { Acting } from './acting.ts'

/** Whether the caller may make groups that stand in no other. */
export async function mayCreateTopLevel({
  core,
  generation,
  principal,
}: Omit<Acting, 'origin'>): Promise<boolean> {
  if (principal.kind !== 'user') return false
  if (core.config.groups.createTopLevel === 'users') return principal.token?.scopes.includes('api') ?? true
  return (await authorize(core, generation, principal, 'admin_instance', { kind: 'instance' })) === 'allowed'
}

/**
 * Makes a group; whoever makes it owns it.
 * @throws Problem 401, 403 or 404 where the caller may not, 400 for a bad name, path or visibility, 409 if it is taken.
 */
export async function addGroup(acting: Acting, wish: NewGroup): Promise<GroupRow> {
  const { core, generation, principal, origin } = acting
  if (wish.parent) {
    await demand(core, generation, principal, 'create_subgroup', { kind: 'group', group: wish.parent })
  } else if (!(await mayCreateTopLevel(acting))) {
    throw forbidden('403 Forbidden - top-level groups are created by administrators')
  }
  checkOwnerName(wish.name)
  const now = core.clock()
  return core.database.write(async (db) => {
    const group = await createGroup(db, wish, now)
    if (principal.kind === 'user') {
      await addMember(db, { userId: principal.userId, of: { group_id: group.id }, role: roles.owner }, now)
    }
    await recordEvent(
      db,
      'group.created',
      origin,
      { groupId: group.id, detail: { path: group.full_path } },
      now,
    )
    return group
  })
}

/**
 * Makes a project in a group.
 * @throws Problem 401, 403 or 404 where the caller may not, 400 for a bad name, path or visibility, 409 if it is taken.
 */
export async function addProject(acting: Acting, wish: NewProject): Promise<ProjectRow> {
  const { core, generation, principal, origin } = acting
  await demand(core, generation, principal, 'create_project', { kind: 'group', group: wish.group })
  checkOwnerName(wish.name)
  const now = core.clock()
  return core.database.write(async (db) => {
    const project = await createProject(db, wish, now)
    const subject = { projectId: project.id, detail: { path: project.full_path } }
    await recordEvent(db, 'project.created', origin, subject, now)
    return project
  })
}

// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** Throws 400 for a name that would not show as what it is. */
export function checkOwnerName(name: string): void {
  if (name.trim() === '' || name.length > 255) throw invalid('name must have 1 to 255 characters')
  if (unprintable.test(name)) throw invalid('name must not hold control or bidirectional characters')
}
