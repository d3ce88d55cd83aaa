import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import { notFound } from '../../lib/problem.ts'
import { demand } from '../access/authorize.ts'
import { recordEvent } from '../records/events.ts'
import { findGroup } from '../records/groups.ts'
import { findProject } from '../records/projects.ts'
import { sumUpAll, usageBelow } from '../records/usage.ts'
import type { Acting } from './acting.ts'

/**
 * Says how many bytes the package files of a project may have; null: any number. What is there already stays. Runs beside
 * no publication, since what these noted is summed up first.
 * @throws Problem 401, 403 or 404 where the caller is no administrator.
 */
export async function setProjectQuota(
  acting: Acting,
  { id }: ProjectRow,
  limit: number | null,
): Promise<ProjectRow> {
  await demandAdministrator(acting)
  const { core, origin } = acting
  return core.database.write(async (db) => {
    const change = { packages_size_limit: limit }
    await sumUpAll(db)
    await db.updateTable('projects').set(change).where('id', '=', id).execute()
    await recordEvent(db, 'project.changed', origin, { projectId: id, detail: change }, core.clock())
    const project = await findProject(db, id)
    if (!project) throw notFound('404 Project Not Found')
    return project
  })
}

/** The same for everything below a group. Runs beside no publication: what is there is counted now. */
export async function setGroupQuota(
  acting: Acting,
  { id }: GroupRow,
  limit: number | null,
): Promise<GroupRow> {
  await demandAdministrator(acting)
  const { core, origin } = acting
  return core.database.write(async (db) => {
    const change = { packages_size_limit: limit }
    await sumUpAll(db)
    const used = await usageBelow(db, id)
    await db
      .updateTable('groups')
      .set({ ...change, packages_size: used })
      .where('id', '=', id)
      .execute()
    await recordEvent(db, 'group.changed', origin, { groupId: id, detail: change }, core.clock())
    const group = await findGroup(db, id)
    if (!group) throw notFound('404 Group Not Found')
    return group
  })
}

function demandAdministrator({ core, generation, principal }: Acting): Promise<void> {
  return demand(core, generation, principal, 'admin_instance', { kind: 'instance' })
}
