/** How many bytes the files of projects and groups have, whoever shares them, and how many they may have. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { ProjectRow } from '../../database/schema.ts'

/** A project or group that has a limit. */
export interface Limited {
  readonly kind: 'group' | 'project'
  readonly id: number
  readonly fullPath: string
  /** Bytes. */
  readonly used: number
  readonly limit: number
}

/** What is limited: of the groups from the top-level one down, then the project itself, those that have a limit. */
export async function limitsOf(db: Db, project: Pick<ProjectRow, 'id' | 'group_id'>): Promise<Limited[]> {
  const columns = ['full_path', 'packages_size', 'packages_size_limit'] as const
  const rows = await db
    .selectFrom('groups')
    .innerJoin('group_tree', 'group_tree.ancestor_id', 'groups.id')
    .select([sql.lit('group').as('kind'), 'groups.id', ...columns])
    .where('group_tree.group_id', '=', project.group_id)
    .where('packages_size_limit', 'is not', null)
    .unionAll(
      db
        .selectFrom('projects')
        .select([sql.lit('project').as('kind'), 'id', ...columns])
        .where('id', '=', project.id)
        .where('packages_size_limit', 'is not', null),
    )
    .orderBy('kind')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    kind: row.kind as Limited['kind'],
    id: row.id,
    fullPath: row.full_path,
    used: row.packages_size,
    limit: row.packages_size_limit!,
  }))
}

/**
 * Adds to, or takes from, what a project holds, and the limited groups above it. Returns the first whose limit that
 * would go beyond: the transaction is to be given up then.
 *
 * The last statements of a transaction, so that others wait but briefly; every writer takes groups in the order of their
 * numbers, then projects in theirs. Where nothing is limited nobody waits: the change is noted in a row of its own.
 */
export async function addUsage(
  db: Db,
  project: Pick<ProjectRow, 'id' | 'group_id'>,
  bytes: number,
): Promise<Limited | undefined> {
  if (bytes === 0) return undefined
  const limits = await limitsOf(db, project)
  if (limits.length === 0) {
    await noteUsage(db, new Map([[project.id, bytes]]))
    return undefined
  }
  for (const one of limits) {
    if (!(await addTo(db, one.kind === 'group' ? 'groups' : 'projects', one.id, bytes))) return one
  }
  if (limits.at(-1)!.kind === 'group') await addTo(db, 'projects', project.id, bytes)
  return undefined
}

async function noteUsage(db: Db, bytesOfProjects: ReadonlyMap<number, number>): Promise<void> {
  const rows = [...bytesOfProjects].map(([id, bytes]) => ({ project_id: id, bytes }))
  await db.insertInto('usage_changes').values(rows).execute()
}

/** Sums up what was noted, some of it at once. False: that was all. */
export async function sumUpUsage(db: Db, limit: number): Promise<boolean> {
  const some = db.selectFrom('usage_changes').select('id').orderBy('id').limit(limit).forUpdate().skipLocked()
  const taken = await db
    .deleteFrom('usage_changes')
    .where('id', 'in', some)
    .returning(['project_id', 'bytes'])
    .execute()
  const sums = new Map<number, number>()
  for (const { project_id: id, bytes } of taken) sums.set(id, (sums.get(id) ?? 0) + bytes)
  for (const id of inOrder(sums)) await addTo(db, 'projects', id, sums.get(id)!, true)
  return taken.length === limit
}

/** Sums up everything, in a transaction that runs beside no publication. */
export async function sumUpAll(db: Db): Promise<void> {
  while (await sumUpUsage(db, 5000));
}

/** False: that would go beyond the limit. Taking away is always fine, and so is what was stored before. */
async function addTo(
  db: Db,
  table: 'groups' | 'projects',
  id: number,
  bytes: number,
  isThere = false,
): Promise<boolean> {
  let query = db
    .updateTable(table)
    .set((eb) => ({ packages_size: eb('packages_size', '+', bytes) }))
    .where('id', '=', id)
  if (bytes > 0 && !isThere) {
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
  const free = new Map<number, number>()
  const ofProjects = new Map<number, number>()
  const ofGroups = new Map<number, number>()
  const limited = await limitedAbove(db, [...bytesOfProjects.keys()])
  for (const [id, bytes] of bytesOfProjects) {
    const above = limited.filter((row) => row.project_id === id)
    ;(above.length === 0 ? free : ofProjects).set(id, -bytes)
    for (const { group_id: group } of above)
      if (group) ofGroups.set(group, (ofGroups.get(group) ?? 0) - bytes)
  }
  for (const id of inOrder(ofGroups)) await addTo(db, 'groups', id, ofGroups.get(id)!)
  for (const id of inOrder(ofProjects)) await addTo(db, 'projects', id, ofProjects.get(id)!)
  if (free.size > 0) await noteUsage(db, free)
}

const inOrder = (sums: ReadonlyMap<number, number>) => [...sums.keys()].sort((a, b) => a - b)

/** Which of these projects have a limit, or a group above that has one, and which group. */
function limitedAbove(db: Db, projectIds: readonly number[]) {
  return db
    .selectFrom('projects')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .innerJoin('groups', 'groups.id', 'group_tree.ancestor_id')
    .select((eb) => [
      'projects.id as project_id',
      eb
        .case()
        .when('groups.packages_size_limit', 'is not', null)
        .then(eb.ref('groups.id'))
        .else(null)
        .end()
        .as('group_id'),
    ])
    .where('projects.id', 'in', projectIds.length > 0 ? projectIds : [-1])
    .where((eb) =>
      eb.or([
        eb('groups.packages_size_limit', 'is not', null),
        eb('projects.packages_size_limit', 'is not', null),
      ]),
    )
    .execute()
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

/** What a project holds, in bytes. */
export async function usageOf(db: Db, project: Pick<ProjectRow, 'id'>): Promise<number> {
  return sumOf(db, (rows) => rows.where('projects.id', '=', project.id))
}

/** What all projects below a group hold, deleted ones that can be restored included. In bytes. */
export async function usageBelow(db: Db, groupId: number): Promise<number> {
  const below = db.selectFrom('group_tree').select('group_tree.group_id').where('ancestor_id', '=', groupId)
  return sumOf(db, (rows) => rows.where('projects.group_id', 'in', below))
}

const projectRows = (db: Db) => db.selectFrom('projects').select('projects.packages_size as bytes')
type Projects = ReturnType<typeof projectRows>

/** Totals with what was noted since. */
async function sumOf(db: Db, those: (rows: Projects) => Projects): Promise<number> {
  const ids = those(projectRows(db)).clearSelect().select('projects.id')
  const noted = db.selectFrom('usage_changes').select('bytes').where('project_id', 'in', ids)
  const row = await db
    .selectFrom(those(projectRows(db)).unionAll(noted).as('all'))
    .select((eb) => eb.fn.sum<number | null>('bytes').as('bytes'))
    .executeTakeFirstOrThrow()
  return Number(row.bytes ?? 0)
}

/** What every project holds, in bytes. */
export async function usageOfAll(db: Db): Promise<Map<number, number>> {
  const totals = db.selectFrom('projects').select(['id', 'packages_size as bytes'])
  const noted = db.selectFrom('usage_changes').select(['project_id as id', 'bytes'])
  const rows = await db
    .selectFrom(totals.unionAll(noted).as('all'))
    .select((eb) => ['id', eb.fn.sum<number>('bytes').as('bytes')])
    .groupBy('id')
    .execute()
  return new Map(rows.map((row) => [row.id, Number(row.bytes)]))
}
