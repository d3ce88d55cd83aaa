/** Changes of what groups and projects are called and how open they are. */
import type { Updateable } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { GroupRow, ProjectRow, Schema, Visibility } from '../../database/schema.ts'
import { invalid } from '../../lib/problem.ts'
import { checkOpenness, findGroup, openness } from '../records/groups.ts'
import { findProject } from '../records/projects.ts'
import type { Acting } from './acting.ts'
import { checkOwnerName } from './create.ts'
import { found, manage, recordAt } from './manage.ts'

export type GroupChange = Partial<Pick<GroupRow, 'name' | 'description' | 'visibility'>>
export type ProjectChange = Partial<
  Pick<ProjectRow, 'name' | 'description' | 'visibility' | 'packages_access'>
>

/**
 * Changes a project. What is left out stays.
 * @throws Problem 401, 403 or 404 where the caller may not; 400 for a bad name, or a visibility wider than the group's.
 */
export async function changeProject(
  acting: Acting,
  project: ProjectRow,
  change: ProjectChange,
): Promise<ProjectRow> {
  const owner = { kind: 'project', project } as const
  return manage(acting, owner, async (db) => {
    if (change.name !== undefined) checkOwnerName(change.name)
    const current = found(await findProject(db, project.id), 'Project')
    if (change.visibility) checkOpenness(change.visibility, (await findGroup(db, current.group_id))!)
    await update(db, 'projects', current.id, change)
    await recordAt(db, acting, owner, 'project.changed', { detail: change })
    return { ...current, ...change }
  })
}

/** Changes a group. Throws as `changeProject`; a group is never less open than what stands in it. */
export async function changeGroup(acting: Acting, group: GroupRow, change: GroupChange): Promise<GroupRow> {
  const owner = { kind: 'group', group } as const
  return manage(acting, owner, async (db) => {
    if (change.name !== undefined) checkOwnerName(change.name)
    const current = found(await findGroup(db, group.id), 'Group')
    if (change.visibility) await checkVisibility(db, current, change.visibility)
    await update(db, 'groups', current.id, change)
    await recordAt(db, acting, owner, 'group.changed', { detail: change })
    return { ...current, ...change }
  })
}

async function checkVisibility(db: Db, group: GroupRow, visibility: Visibility): Promise<void> {
  const parent = group.parent_id === null ? undefined : await findGroup(db, group.parent_id)
  if (parent) checkOpenness(visibility, parent)
  const wider = (Object.keys(openness) as Visibility[]).filter((one) => openness[one] > openness[visibility])
  if (wider.length === 0) return
  const inside = await db
    .selectFrom('groups')
    .select('full_path')
    .where('parent_id', '=', group.id)
    .where('deleted_at', 'is', null)
    .where('visibility', 'in', wider)
    .unionAll(
      db
        .selectFrom('projects')
        .select('full_path')
        .where('group_id', '=', group.id)
        .where('deleted_at', 'is', null)
        .where('visibility', 'in', wider),
    )
    .limit(1)
    .executeTakeFirst()
  if (inside) throw invalid(`visibility ${visibility} is not allowed: ${inside.full_path} is more open`)
}

async function update(
  db: Db,
  table: 'groups' | 'projects',
  id: number,
  change: Updateable<Schema['projects']>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await db
    .updateTable(table)
    .set(change as object)
    .where('id', '=', id)
    .execute()
}
