import type { ExpressionBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { NameRow, Schema } from '../../database/schema.ts'
import { ownerIdBelow } from './name-owners.ts'

export interface NameKey {
  readonly format: string
  /** Normalised. */
  readonly key: string
}

/** The name's row in one project. */
export function findName(db: Db, projectId: number, { format, key }: NameKey): Promise<NameRow | undefined> {
  return db
    .selectFrom('names')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('format', '=', format)
    .where('key', '=', key)
    .executeTakeFirst()
}

/** Whether no other project ever published the name in `names`, anywhere. */
export function isAlone(eb: ExpressionBuilder<Schema, 'names'>) {
  const others = eb
    .selectFrom('names as other')
    .select('other.id')
    .whereRef('other.format', '=', 'names.format')
    .whereRef('other.key', '=', 'names.key')
    .whereRef('other.id', '<>', 'names.id')
  return eb.case().when(eb.exists(others)).then(0).else(1).end()
}

export interface SomeNames {
  readonly limit?: number
  readonly projectIds?: readonly number[]
}

/** The rows of a name in projects below a group (deleted projects too), the owner's first, then in order of publication. */
export function findNamesBelow(
  db: Db,
  groupId: number,
  { format, key }: NameKey,
  { limit, projectIds }: SomeNames,
): Promise<NameRow[]> {
  let query = db
    .selectFrom('names')
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .selectAll('names')
    .where('names.format', '=', format)
    .where('names.key', '=', key)
    .where('group_tree.ancestor_id', '=', groupId)
    .orderBy((eb) => eb('names.id', '=', ownerIdBelow(groupId, { format, key })), 'desc')
    .orderBy('names.id')
  if (projectIds) query = query.where('names.project_id', 'in', projectIds)
  return (limit === undefined ? query : query.limit(limit)).execute()
}

/** The rows of a name in the projects that a registry gathers, in order of publication. At most a hundred. */
export function allRowsOfName(
  db: Db,
  gathered: { readonly projectId: number } | { readonly groupIds: readonly number[] } | 'all',
  { format, key }: NameKey,
): Promise<NameRow[]> {
  const rows = db.selectFrom('names').selectAll().where('format', '=', format).where('key', '=', key)
  const some =
    gathered === 'all'
      ? rows
      : 'projectId' in gathered
        ? rows.where('project_id', '=', gathered.projectId)
        : rows.where('project_id', 'in', (eb) =>
            eb
              .selectFrom('projects')
              .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
              .select('projects.id')
              .where('group_tree.ancestor_id', 'in', [-1, ...gathered.groupIds]),
          )
  return some.orderBy('id').limit(100).execute()
}

/** Counts a change under the name, making its row at the first publication. Returns the row as it is then. */
export function touchName(
  db: Db,
  project: { readonly id: number; readonly root_id: number },
  { format, key }: NameKey,
  display: string,
  now: number,
): Promise<NameRow> {
  return db
    .insertInto('names')
    .values({
      project_id: project.id,
      root_id: project.root_id,
      format,
      key,
      name: display,
      revision: 1,
      metadata: null,
      created_at: now,
      changed_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'format', 'key']).doUpdateSet((eb) => ({
        revision: eb('names.revision', '+', 1),
        changed_at: eb
          .case()
          .when('names.changed_at', '>', now)
          .then(eb.ref('names.changed_at'))
          .else(now)
          .end(),
      })),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function setNameMetadata(db: Db, nameId: number, metadata: unknown): Promise<void> {
  await db
    .updateTable('names')
    .set({ metadata: JSON.stringify(metadata) })
    .where('id', '=', nameId)
    .execute()
}
