/** How many bytes the files of projects and groups have, whoever shares them, and how many they may have. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { GroupRow, ProjectRow } from '../../database/schema.ts'

/** A project or group that has a limit. */
export interface Limited {
  readonly kind: 'group' | 'project'
  readonly id: number
  readonly fullPath: string
  /** Bytes. */
  readonly used: number
  readonly limit: number
}

/** What may be limited: the groups from the top-level one down, then the project itself. Those without a limit are left out. */
export async function limitsOf(db: Db, project: Pick<ProjectRow, 'id' | 'group_id'>): Promise<Limited[]> {
  const groups = await db
    .selectFrom('groups')
    .innerJoin('group_tree', 'group_tree.ancestor_id', 'groups.id')
    .select(['groups.id', 'groups.full_path', 'packages_size', 'packages_size_limit'])
    .where('group_tree.group_id', '=', project.group_id)
    .where('packages_size_limit', 'is not', null)
    .orderBy('groups.id')
    .execute()
  const own = await db
    .selectFrom('projects')
    .select(['id', 'full_path', 'packages_size', 'packages_size_limit'])
    .where('id', '=', project.id)
    .where('packages_size_limit', 'is not', null)
    .execute()
  return [...groups.map((row) => limited('group', row)), ...own.map((row) => limited('project', row))]
}

function limited(
  kind: Limited['kind'],
  row: Pick<GroupRow, 'id' | 'full_path' | 'packages_size' | 'packages_size_limit'>,
): Limited {
  return {
    kind,
    id: row.id,
    fullPath: row.full_path,
    used: row.packages_size,
    limit: row.packages_size_limit!,
  }
}

/**
 * Adds to, or takes from, what a project holds, and the limited groups above it. Returns the first whose limit that
 * would go beyond: the transaction is to be given up then.
 *
 * The last statements of a transaction, so that others wait but briefly; every writer takes groups in the order of their
 * numbers, then projects in theirs.
 */
export async function addUsage(
  db: Db,
  project: Pick<ProjectRow, 'id' | 'group_id'>,
  bytes: number,
): Promise<Limited | undefined> {
  if (bytes === 0) return undefined
  const limits = await limitsOf(db, project)
  for (const one of limits) {
    if (one.kind === 'group' && !(await addTo(db, 'groups', one.id, bytes))) return one
  }
  if (await addTo(db, 'projects', project.id, bytes)) return undefined
  return (await limitsOf(db, project)).at(-1)
}

/** False: that would go beyond the limit. Taking away is always fine. */
async function addTo(db: Db, table: 'groups' | 'projects', id: number, bytes: number): Promise<boolean> {
  let query = db
    .updateTable(table)
    .set((eb) => ({ packages_size: eb('packages_size', '+', bytes) }))
    .where('id', '=', id)
  if (bytes > 0) {
    query = query.where((eb) =>
      eb.or([
        eb('packages_size_limit', 'is', null),
        eb(eb('packages_size', '+', bytes), '<=', eb.ref('packages_size_limit')),
      ]),
    )
  }
  const rows = await query.returning('id').execute()
  return rows.length > 0
}

/** Takes away what files hold that are about to go from several projects. At the end of a transaction. */
export async function takeUsage(db: Db, bytesOfProjects: ReadonlyMap<number, number>): Promise<void> {
  const ids = [...bytesOfProjects.keys()].sort((a, b) => a - b)
  if (ids.length === 0) return
  const above = await db
    .selectFrom('projects')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .innerJoin('groups', 'groups.id', 'group_tree.ancestor_id')
    .select(['groups.id', 'projects.id as project_id'])
    .where('projects.id', 'in', ids)
    .where('groups.packages_size_limit', 'is not', null)
    .execute()
  const ofGroups = new Map<number, number>()
  for (const { id, project_id: projectId } of above)
    ofGroups.set(id, (ofGroups.get(id) ?? 0) + bytesOfProjects.get(projectId)!)
  for (const id of [...ofGroups.keys()].sort((a, b) => a - b))
    await addTo(db, 'groups', id, -ofGroups.get(id)!)
  for (const id of ids) await addTo(db, 'projects', id, -bytesOfProjects.get(id)!)
}

/** The sizes of files by project, whatever the state of these. */
export async function sizesByProject(
  db: Db,
  of: { readonly files: readonly number[]; readonly packages: readonly number[] },
): Promise<Map<number, number>> {
  const rows = await db
    .selectFrom('files')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .select(['files.project_id', sql<number>`sum(blobs.size)`.as('bytes')])
    .where((eb) =>
      eb.or([
        eb('files.id', 'in', of.files.length > 0 ? of.files : [-1]),
        eb('files.package_id', 'in', of.packages.length > 0 ? of.packages : [-1]),
      ]),
    )
    .groupBy('files.project_id')
    .execute()
  return new Map(rows.map((row) => [row.project_id, Number(row.bytes)]))
}

/** What all projects below a group hold, deleted ones that can be restored included. In bytes. */
export async function usageBelow(db: Db, groupId: number): Promise<number> {
  const row = await db
    .selectFrom('projects')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .select((eb) => eb.fn.sum<number | null>('projects.packages_size').as('bytes'))
    .where('group_tree.ancestor_id', '=', groupId)
    .executeTakeFirstOrThrow()
  return Number(row.bytes ?? 0)
}
