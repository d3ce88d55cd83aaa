/** Which packages leave by themselves, as owners of groups and projects say. */
import type { Db } from '../../database/database.ts'
import type { RetentionRuleRow } from '../../database/schema.ts'
import type { MemberOf } from './members.ts'

/** What a rule says, apart from where it stands. */
export type Retention = Omit<RetentionRuleRow, 'id' | 'project_id' | 'group_id' | 'created_at' | 'updated_at'>

/** The rules of one group or project, the oldest first. */
export function retentionRulesOf(db: Db, of: MemberOf) {
  const query = db.selectFrom('retention_rules').selectAll().orderBy('retention_rules.id')
  return 'group_id' in of
    ? query.where('group_id', '=', of.group_id)
    : query.where('project_id', '=', of.project_id)
}

export function findRetentionRule(db: Db, of: MemberOf, id: number): Promise<RetentionRuleRow | undefined> {
  return retentionRulesOf(db, of).where('id', '=', id).executeTakeFirst()
}

export function insertRetentionRule(
  db: Db,
  of: MemberOf,
  rule: Retention,
  now: number,
): Promise<RetentionRuleRow> {
  return db
    .insertInto('retention_rules')
    .values({ ...of, ...rule, created_at: now, updated_at: now })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function updateRetentionRule(
  db: Db,
  id: number,
  rule: Partial<Retention>,
  now: number,
): Promise<RetentionRuleRow> {
  return db
    .updateTable('retention_rules')
    .set({ ...rule, updated_at: now })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function deleteRetentionRule(db: Db, id: number): Promise<void> {
  await db.deleteFrom('retention_rules').where('id', '=', id).execute()
}

/** The rules of a project and of all groups above it: one list for each of these levels, the nearest first. */
export async function retentionLevels(
  db: Db,
  project: { readonly id: number; readonly group_id: number },
): Promise<RetentionRuleRow[][]> {
  const rows = await db
    .selectFrom('retention_rules')
    .leftJoin('groups', 'groups.id', 'retention_rules.group_id')
    .selectAll('retention_rules')
    .select('groups.full_path')
    .where((eb) =>
      eb.or([
        eb('retention_rules.project_id', '=', project.id),
        eb(
          'retention_rules.group_id',
          'in',
          eb
            .selectFrom('group_tree')
            .select('ancestor_id')
            .where('group_tree.group_id', '=', project.group_id),
        ),
      ]),
    )
    .orderBy('retention_rules.id')
    .execute()
  const levels = Map.groupBy(rows, (row) => row.full_path?.length ?? Infinity)
  return [...levels].toSorted(([a], [b]) => (a < b ? 1 : -1)).map(([, rules]) => rules)
}

/** Projects in which a rule that is switched on may hold, or that keep only some builds of files. */
export async function projectsWithRetention(db: Db): Promise<number[]> {
  const rows = await db
    .selectFrom('projects')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .innerJoin('retention_rules', (join) =>
      join.on((eb) =>
        eb.or([
          eb('retention_rules.project_id', '=', eb.ref('projects.id')),
          eb('retention_rules.group_id', '=', eb.ref('group_tree.ancestor_id')),
        ]),
      ),
    )
    .select('projects.id')
    .where('projects.deleted_at', 'is', null)
    .where('retention_rules.enabled', '=', 1)
    .union(
      db
        .selectFrom('cleanup_policies')
        .innerJoin('projects', 'projects.id', 'cleanup_policies.project_id')
        .select('projects.id')
        .where('projects.deleted_at', 'is', null),
    )
    .execute()
  return rows.map((row) => row.id)
}

/** How many builds of the same file a package of the project keeps; undefined: all. */
export async function keptBuilds(db: Db, projectId: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('cleanup_policies')
    .select('keep_n_duplicated_files')
    .where('project_id', '=', projectId)
    .executeTakeFirst()
  return row?.keep_n_duplicated_files
}

export async function setKeptBuilds(db: Db, projectId: number, count: number | undefined): Promise<void> {
  await db.deleteFrom('cleanup_policies').where('project_id', '=', projectId).execute()
  if (count === undefined) return
  await db
    .insertInto('cleanup_policies')
    .values({ project_id: projectId, keep_n_duplicated_files: count })
    .execute()
}
