/** Deleting groups and projects, and bringing them back. */
import type { Db } from '../../database/database.ts'
import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import { conflict, invalid, notFound } from '../../lib/problem.ts'
import { demand } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import { recordEvent } from '../records/events.ts'
import { findGroup } from '../records/groups.ts'
import { findProject, holdsPackages } from '../records/projects.ts'
import type { Acting } from './acting.ts'
import { leavePath, retakePath } from './paths-of-deleted.ts'

const day = 86_400_000

/**
 * Deletes a project with all its packages; it can be restored for `packages.restore_days`.
 * @throws Problem 401, 403 or 404 where the caller may not; 400 if it holds packages and `confirm` is not its full path.
 */
export async function deleteProject(acting: Acting, project: ProjectRow, confirm?: string): Promise<void> {
  const { core, generation, principal, origin } = acting
  await demand(core, generation, principal, 'delete_project', { kind: 'project', project })
  const now = core.clock()
  await core.database.write(async (db) => {
    if (!(await findProject(db, project.id))) throw notFound('404 Project Not Found')
    if (await holdsPackages(db, [project.id])) checkConfirmed('project', project.full_path, confirm)
    await leaveProject(db, project.id, now)
    const subject = { projectId: project.id, detail: { path: project.full_path } }
    await recordEvent(db, 'project.deleted', origin, subject, now)
  })
}

/** Brings a deleted project back. Throws 401, 403 or 404; 409 if its group is deleted or its path taken. */
export async function restoreProject(acting: Acting, project: ProjectRow): Promise<ProjectRow> {
  const { core, generation, principal, origin } = acting
  await demand(core, generation, principal, 'delete_project', { kind: 'project', project })
  const now = core.clock()
  checkInTime(core, project.deleted_at, 'Project')
  return core.database.write(async (db) => {
    if (!(await findGroup(db, project.group_id))) {
      throw conflict('the group of this project is deleted; restore the group')
    }
    const restored = await returnProject(db, project)
    const subject = { projectId: project.id, detail: { path: project.full_path } }
    await recordEvent(db, 'project.restored', origin, subject, now)
    return restored
  })
}

/** Deletes a group with all groups and projects below. Throws as `deleteProject`. */
export async function deleteGroup(acting: Acting, group: GroupRow, confirm?: string): Promise<void> {
  const { core, generation, principal, origin } = acting
  await demand(core, generation, principal, 'admin_group', { kind: 'group', group })
  const now = core.clock()
  await core.database.write(async (db) => {
    if (!(await findGroup(db, group.id))) throw notFound('404 Group Not Found')
    const groups = await groupsBelow(db, group.id, null)
    const projects = await projectsBelow(db, group.id, null)
    if (await holdsPackages(db, idsOf(projects))) checkConfirmed('group', group.full_path, confirm)
    for (const project of projects) await leaveProject(db, project.id, now)
    for (const one of groups) await leaveGroup(db, one, now)
    const detail = { path: group.full_path, projects: projects.length }
    await recordEvent(db, 'group.deleted', origin, { groupId: group.id, detail }, now)
  })
}

/** Brings a deleted group back with what was deleted with it. Throws as `restoreProject`. */
export async function restoreGroup(acting: Acting, group: GroupRow): Promise<GroupRow> {
  const { core, generation, principal, origin } = acting
  await demand(core, generation, principal, 'admin_group', { kind: 'group', group })
  const now = core.clock()
  checkInTime(core, group.deleted_at, 'Group')
  return core.database.write(async (db) => {
    if (group.parent_id !== null && !(await findGroup(db, group.parent_id))) {
      throw conflict('the group above is deleted; restore it first')
    }
    const projects = await projectsBelow(db, group.id, group.deleted_at)
    for (const one of await groupsBelow(db, group.id, group.deleted_at)) {
      await retakePath(db, one.full_path, { group_id: one.id })
      await db.updateTable('groups').set({ deleted_at: null }).where('id', '=', one.id).execute()
    }
    for (const project of projects) await returnProject(db, project)
    await recordEvent(
      db,
      'group.restored',
      origin,
      { groupId: group.id, detail: { path: group.full_path } },
      now,
    )
    return { ...group, deleted_at: null }
  })
}

function checkConfirmed(what: string, fullPath: string, confirm: string | undefined): void {
  if (confirm === fullPath) return
  throw invalid(
    `this ${what} holds packages; to delete them too, repeat the request with ?confirm=${encodeURIComponent(fullPath)}`,
  )
}

function checkInTime(core: Core, deletedAt: number | null, what: string): void {
  const isInTime = deletedAt !== null && deletedAt > core.clock() - core.config.packages.restoreDays * day
  if (!isInTime) throw notFound(`404 ${what} Not Found: the time for restoring it is over`)
}

async function leaveProject(db: Db, id: number, now: number): Promise<void> {
  await db.updateTable('projects').set({ deleted_at: now }).where('id', '=', id).execute()
  await leavePath(db, { project_id: id }, await hasNames(db, id))
}

async function leaveGroup(db: Db, group: GroupRow, now: number): Promise<void> {
  await db.updateTable('groups').set({ deleted_at: now }).where('id', '=', group.id).execute()
  const named = await db
    .selectFrom('names')
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .select('names.id')
    .where('group_tree.ancestor_id', '=', group.id)
    .limit(1)
    .executeTakeFirst()
  await leavePath(db, { group_id: group.id }, named !== undefined)
}

async function returnProject(db: Db, project: ProjectRow): Promise<ProjectRow> {
  await retakePath(db, project.full_path, { project_id: project.id })
  await db.updateTable('projects').set({ deleted_at: null }).where('id', '=', project.id).execute()
  return { ...project, deleted_at: null }
}

/** The group and the groups below it that were deleted at this moment; null: that are not deleted. */
function groupsBelow(db: Db, groupId: number, deletedAt: number | null): Promise<GroupRow[]> {
  return db
    .selectFrom('groups')
    .innerJoin('group_tree', 'group_tree.group_id', 'groups.id')
    .selectAll('groups')
    .where('group_tree.ancestor_id', '=', groupId)
    .where('groups.deleted_at', deletedAt === null ? 'is' : '=', deletedAt)
    .orderBy('groups.id')
    .execute()
}

function projectsBelow(db: Db, groupId: number, deletedAt: number | null): Promise<ProjectRow[]> {
  return db
    .selectFrom('projects')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .selectAll('projects')
    .where('group_tree.ancestor_id', '=', groupId)
    .where('projects.deleted_at', deletedAt === null ? 'is' : '=', deletedAt)
    .orderBy('projects.id')
    .execute()
}

const idsOf = (rows: readonly { readonly id: number }[]) => rows.map((row) => row.id)

/** Whether anything was ever published in the project. */
async function hasNames(db: Db, projectId: number): Promise<boolean> {
  const row = await db
    .selectFrom('names')
    .select('id')
    .where('project_id', '=', projectId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
