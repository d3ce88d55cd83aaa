/** Who owns a name below a group: who published it first, unless the group's owners moved it. */
import { sql, type Expression, type RawBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import { inBatches } from './batches.ts'
import type { NameKey } from './names.ts'

interface Asked {
  readonly format: string | Expression<string>
  readonly key: string | Expression<string>
}

/** A query for the number of the row in `names` that owns a name below a group. The nearest group's word counts. */
export function ownerIdBelow(groupId: number, { format, key }: Asked): RawBuilder<number> {
  return sql<number>`coalesce(
    (select moved.id from name_owners as said
      join names as moved
        on moved.project_id = said.project_id and moved.format = said.format and moved.key = said.key
      join projects as owner on owner.id = moved.project_id
      join group_tree as below on below.group_id = owner.group_id and below.ancestor_id = ${groupId}
      join group_tree as above on above.ancestor_id = said.group_id and above.group_id = ${groupId}
      join groups as sayer on sayer.id = said.group_id
      where said.format = ${format} and said.key = ${key}
      order by length(sayer.full_path) desc limit 1),
    (select min(first.id) from names as first
      join projects as owner on owner.id = first.project_id
      join group_tree as below on below.group_id = owner.group_id and below.ancestor_id = ${groupId}
      where first.format = ${format} and first.key = ${key}))`
}

/** Of each of these rows of names, the number of the row that owns the name below the group, if anything is below. */
export async function ownersBelow(
  db: Db,
  groupId: number,
  nameIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const owners = new Map<number, number>()
  for (const some of inBatches(nameIds)) {
    const rows = await db
      .selectFrom('names')
      .select('names.id')
      .select((eb) =>
        ownerIdBelow(groupId, { format: eb.ref('names.format'), key: eb.ref('names.key') }).as('owner'),
      )
      .where('names.id', 'in', some)
      .execute()
    for (const { id, owner } of rows) if (owner !== null) owners.set(id, owner)
  }
  return owners
}

/** Says that below the group the name belongs to the project from now on. */
export async function setNameOwner(
  db: Db,
  groupId: number,
  { format, key }: NameKey,
  projectId: number,
): Promise<void> {
  await db
    .insertInto('name_owners')
    .values({ group_id: groupId, format, key, project_id: projectId })
    .onConflict((c) => c.columns(['format', 'key', 'group_id']).doUpdateSet({ project_id: projectId }))
    .execute()
}

/** Counts a change of who answers for names: index documents of the groups concerned are stale. */
export async function countOwnersChange(db: Db, rootGroupId: number): Promise<void> {
  await db
    .updateTable('groups')
    .set((eb) => ({ names_revision: eb('names_revision', '+', 1) }))
    .where('id', '=', rootGroupId)
    .execute()
}

/**
 * A number that differs whenever owners of names below any of these groups (left out: any group) changed otherwise than
 * by publishing.
 */
export async function ownersRevision(db: Db, groupIds?: readonly number[]): Promise<number> {
  if (groupIds?.length === 0) return 0
  let roots = db
    .selectFrom('groups as root')
    .select((eb) => eb.fn.sum<number>('root.names_revision').as('revision'))
  if (groupIds) {
    roots = roots.where('root.id', 'in', (eb) =>
      eb.selectFrom('groups').select('groups.root_id').where('groups.id', 'in', groupIds),
    )
  }
  const row = await roots.executeTakeFirstOrThrow()
  return Number(row.revision ?? 0)
}
