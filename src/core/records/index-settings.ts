/** What owners set for single indexes of sets. */
import type { Db } from '../../database/database.ts'
import type { IndexSettingsRow } from '../../database/schema.ts'
import { inPlace, placeColumns, type PlaceOf } from './places.ts'

/** Which indexes: all of one rule of a format at one place. */
export interface IndexesAt {
  readonly place: PlaceOf
  readonly format: string
  readonly rule: string
}

export interface IndexSettingsValues {
  readonly key: string
  readonly alias: string | null
  /** JSON. */
  readonly settings: string
}

/** The settings there, by key. */
export function indexSettingsRows(db: Db, { place, format, rule }: IndexesAt) {
  return inPlace(db.selectFrom('index_settings').selectAll(), place)
    .where('format', '=', format)
    .where('rule', '=', rule)
    .orderBy('key')
}

/** That of a key or alias. */
export function findIndexSettings(
  db: Db,
  at: IndexesAt,
  keyOrAlias: string,
): Promise<IndexSettingsRow | undefined> {
  return indexSettingsRows(db, at)
    .where((eb) => eb.or([eb('key', '=', keyOrAlias), eb('alias', '=', keyOrAlias)]))
    .executeTakeFirst()
}

export function insertIndexSettings(
  db: Db,
  { place, format, rule }: IndexesAt,
  values: IndexSettingsValues,
  now: number,
): Promise<IndexSettingsRow> {
  return db
    .insertInto('index_settings')
    .values({
      ...placeColumns(place),
      ...values,
      format,
      rule,
      // Never one that a row of the same key, removed meanwhile, may have had.
      revision: now,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function updateIndexSettings(
  db: Db,
  id: number,
  values: IndexSettingsValues,
  now: number,
): Promise<IndexSettingsRow> {
  return db
    .updateTable('index_settings')
    .set((eb) => ({ ...values, revision: eb('revision', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function deleteIndexSettings(db: Db, id: number): Promise<void> {
  await db.deleteFrom('index_settings').where('id', '=', id).execute()
}

/** Whether packages stand in an index of this key, in the project or anywhere below the group. */
export async function hasPackages(db: Db, { place, format, rule }: IndexesAt, key: string): Promise<boolean> {
  const entries = db
    .selectFrom('entries')
    .innerJoin('projects', 'projects.id', 'entries.project_id')
    .select('entries.id')
    .where('entries.format', '=', format)
    .where('entries.rule', '=', rule)
    .where('entries.key', '=', key)
    .limit(1)
  const { group_id: groupId, project_id: projectId } = placeColumns(place)
  const there =
    projectId === null
      ? entries.where('projects.group_id', 'in', (eb) =>
          eb
            .selectFrom('group_tree')
            .select('group_tree.group_id')
            .where('ancestor_id', '=', groupId ?? -1),
        )
      : entries.where('entries.project_id', '=', projectId)
  return (await there.executeTakeFirst()) !== undefined
}
