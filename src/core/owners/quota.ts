import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import { findGroup } from '../records/groups.ts'
import { findProject } from '../records/projects.ts'
import { sumUpAll, usageBelow } from '../records/usage.ts'
import type { Acting } from './acting.ts'
import { found, manage, recordAt } from './manage.ts'

const instance = { kind: 'instance' } as const

/**
 * Says how many bytes the package files of a project may have; null: any number. What is there already stays. Runs beside
 * no publication, since what these noted is summed up first.
 * @throws Problem 401, 403 or 404 where the caller is no administrator.
 */
export async function setProjectQuota(
  acting: Acting,
  project: ProjectRow,
  limit: number | null,
): Promise<ProjectRow> {
  return manage(acting, instance, async (db) => {
    const change = { packages_size_limit: limit }
    await sumUpAll(db)
    await db.updateTable('projects').set(change).where('id', '=', project.id).execute()
    await recordAt(db, acting, { kind: 'project', project }, 'project.changed', { detail: change })
    return found(await findProject(db, project.id), 'Project')
  })
}

/** The same for everything below a group. Runs beside no publication: what is there is counted now. */
export async function setGroupQuota(
  acting: Acting,
  group: GroupRow,
  limit: number | null,
): Promise<GroupRow> {
  return manage(acting, instance, async (db) => {
    const change = { packages_size_limit: limit }
    await sumUpAll(db)
    const used = await usageBelow(db, group.id)
    await db
      .updateTable('groups')
      .set({ ...change, packages_size: used })
      .where('id', '=', group.id)
      .execute()
    await recordAt(db, acting, { kind: 'group', group }, 'group.changed', { detail: change })
    return found(await findGroup(db, group.id), 'Group')
  })
}
