import type { Db } from '../../database/database.ts'

export interface GroupNames {
  /** The names from the top-level group down: `Acme / Web`. */
  readonly name: string
  /** The group's own row. */
  readonly own: {
    readonly id: number
    readonly name: string
    readonly path: string
    readonly full_path: string
    readonly parent_id: number | null
  }
}

/** What each of these groups is called, with those above it. */
export async function fullNames(
  db: Db,
  groupIds: readonly number[],
): Promise<ReadonlyMap<number, GroupNames>> {
  if (groupIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('group_tree')
    .innerJoin('groups', 'groups.id', 'group_tree.ancestor_id')
    .select(['group_tree.group_id', 'groups.id', 'groups.name', 'groups.path'])
    .select(['groups.full_path', 'groups.parent_id'])
    .where('group_tree.group_id', 'in', [...new Set(groupIds)])
    .execute()
  const names = new Map<number, GroupNames>()
  for (const { group_id: of, ...own } of rows.sort((a, b) => a.full_path.length - b.full_path.length)) {
    const above = names.get(of)
    names.set(of, { name: above ? `${above.name} / ${own.name}` : own.name, own })
  }
  return names
}
