import type { Db } from '../../database/database.ts'
import type { GroupRow, PackagesAccess, ProjectRow, Visibility } from '../../database/schema.ts'
import { checkOpenness } from './groups.ts'
import { checkPathSegment, takePath } from './paths.ts'

export interface NewProject {
  readonly name: string
  readonly path: string
  readonly description?: string | undefined
  readonly visibility: Visibility
  readonly packagesAccess?: PackagesAccess | undefined
  readonly group: GroupRow
}

/** Adds a project to a group. Throws 400 for a bad path or visibility, 409 if the path is taken. */
export async function createProject(db: Db, project: NewProject, now: number): Promise<ProjectRow> {
  checkPathSegment(project.path, false)
  checkOpenness(project.visibility, project.group)
  const row = await db
    .insertInto('projects')
    .values({
      group_id: project.group.id,
      root_id: project.group.root_id,
      name: project.name,
      path: project.path,
      full_path: `${project.group.full_path}/${project.path}`,
      description: project.description ?? '',
      visibility: project.visibility,
      packages_access: project.packagesAccess ?? 'enabled',
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await takePath(db, row.full_path, { project_id: row.id })
  return row
}

/** A project that is not deleted. */
export function findProject(db: Db, id: number): Promise<ProjectRow | undefined> {
  return db
    .selectFrom('projects')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** Those of these projects that are not deleted. */
export async function findProjects(db: Db, ids: readonly number[]): Promise<ProjectRow[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('projects')
    .selectAll()
    .where('id', 'in', ids)
    .where('deleted_at', 'is', null)
    .execute()
}

/** Whether any package, removed ones included, still stands in the project. */
export async function holdsPackages(db: Db, projectIds: readonly number[]): Promise<boolean> {
  if (projectIds.length === 0) return false
  const row = await db
    .selectFrom('packages')
    .select('id')
    .where('project_id', 'in', projectIds)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
