/** Patterns of names that several projects below a group answer for together. */
import type { Db } from '../../database/database.ts'
import type { NameMixingRow } from '../../database/schema.ts'

export interface NewMixing {
  readonly groupId: number
  readonly format: string
  readonly pattern: string
  /** The first to answer first. */
  readonly projectIds: readonly number[]
}

/** A group's own, the oldest first. */
export function mixingOf(db: Db, groupId: number) {
  return db
    .selectFrom('name_mixing')
    .selectAll()
    .where('name_mixing.group_id', '=', groupId)
    .orderBy('name_mixing.id')
}

/** Those that hold in a group: the nearest group's first, the oldest first. */
export async function mixingIn(db: Db, groupId: number, format: string): Promise<NameMixingRow[]> {
  const rows = await db
    .selectFrom('name_mixing')
    .innerJoin('group_tree', 'group_tree.ancestor_id', 'name_mixing.group_id')
    .innerJoin('groups', 'groups.id', 'name_mixing.group_id')
    .selectAll('name_mixing')
    .select('groups.full_path')
    .where('group_tree.group_id', '=', groupId)
    .where('name_mixing.format', '=', format)
    .orderBy('name_mixing.id')
    .execute()
  return rows.sort((a, b) => b.full_path.length - a.full_path.length)
}

export const mixedProjects = ({ project_ids: ids }: NameMixingRow) => JSON.parse(ids) as readonly number[]

export function insertMixing(db: Db, wish: NewMixing, now: number): Promise<NameMixingRow> {
  const { groupId, format, pattern, projectIds } = wish
  return db
    .insertInto('name_mixing')
    .values({
      group_id: groupId,
      format,
      pattern,
      project_ids: JSON.stringify(projectIds),
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The row that went, if there was one. */
export function deleteMixing(db: Db, groupId: number, id: number): Promise<NameMixingRow | undefined> {
  return db
    .deleteFrom('name_mixing')
    .where('group_id', '=', groupId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}
