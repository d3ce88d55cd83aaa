import type { Db } from '../../database/database.ts'
import type { GroupRow, Visibility } from '../../database/schema.ts'
import { invalid } from '../../lib/problem.ts'
import { checkPathSegment, takePath } from './paths.ts'

/** How open a visibility is; what stands in a group is at most as open as the group. */
export const openness: Readonly<Record<Visibility, number>> = { private: 0, internal: 1, public: 2 }

/** Deepest nesting of groups, as in GitLab. */
const maxDepth = 20

export interface NewGroup {
  readonly name: string
  readonly path: string
  readonly description?: string | undefined
  readonly visibility: Visibility
  readonly parent?: GroupRow | undefined
}

/** Adds a group below `parent`, or a top-level one. Throws 400 for a bad path or visibility, 409 if the path is taken. */
export async function createGroup(db: Db, group: NewGroup, now: number): Promise<GroupRow> {
  const { parent } = group
  checkPathSegment(group.path, !parent)
  if (parent) checkOpenness(group.visibility, parent)
  const fullPath = parent ? `${parent.full_path}/${group.path}` : group.path
  if (fullPath.split('/').length > maxDepth) throw invalid(`groups may be nested ${maxDepth} deep`)
  const row = await db
    .insertInto('groups')
    .values({
      parent_id: parent?.id ?? null,
      root_id: parent?.root_id ?? 0,
      name: group.name,
      path: group.path,
      full_path: fullPath,
      description: group.description ?? '',
      visibility: group.visibility,
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await takePath(db, fullPath, { group_id: row.id })
  await insertIntoTree(db, row)
  if (parent) return row
  await db.updateTable('groups').set({ root_id: row.id }).where('id', '=', row.id).execute()
  return { ...row, root_id: row.id }
}

/** Throws 400 if something with this visibility would be more open than the group it stands in. */
export function checkOpenness(visibility: Visibility, parent: GroupRow): void {
  if (openness[visibility] > openness[parent.visibility]) {
    throw invalid(
      `visibility ${visibility} is not allowed in a group whose visibility is ${parent.visibility}`,
    )
  }
}

async function insertIntoTree(db: Db, row: GroupRow): Promise<void> {
  const above = row.parent_id
    ? await db.selectFrom('group_tree').select('ancestor_id').where('group_id', '=', row.parent_id).execute()
    : []
  const ancestors = [...above.map((a) => a.ancestor_id), row.id]
  await db
    .insertInto('group_tree')
    .values(ancestors.map((ancestor_id) => ({ ancestor_id, group_id: row.id })))
    .execute()
}

/** A group that is not deleted. */
export function findGroup(db: Db, id: number): Promise<GroupRow | undefined> {
  return db
    .selectFrom('groups')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
}

/** The numbers of a group and all groups above it. */
export async function ancestorsOf(db: Db, groupId: number): Promise<number[]> {
  const rows = await db
    .selectFrom('group_tree')
    .select('ancestor_id')
    .where('group_id', '=', groupId)
    .execute()
  return rows.map((row) => row.ancestor_id)
}
