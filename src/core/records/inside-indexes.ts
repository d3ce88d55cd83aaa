/** Indexes of what is inside of files, as they were last made for a view of a set, and who wants them made. */
import type { Db } from '../../database/database.ts'
import type { InsideIndexRow } from '../../database/schema.ts'
import { inBatches } from './batches.ts'
import { placeColumns, type PlaceOf } from './places.ts'
import type { ProjectQuery } from './project-sets.ts'
import type { SetKey } from './index-sets.ts'

export interface KnownBody {
  /** In bytes. */
  readonly size: number
  readonly sha256: string
}
/** One list's text: what is known of its forms, and the numbers of the runs that they consist of. */
export interface StoredJoined {
  readonly entries: number
  readonly runs: readonly number[]
  readonly plain: KnownBody
  readonly gzip: KnownBody
  readonly zstd: KnownBody
}
export interface StoredList extends StoredJoined {
  readonly list: string
}

/** Which set they belong to, as whom it is seen. */
export interface InsideIndexOf extends Pick<SetKey, 'scope' | 'view'> {
  readonly place: PlaceOf
  readonly format: string
  readonly rule: string
  readonly key: string
  readonly projectIds: ReadonlySet<number>
}

/** What stands in a row, in order. */
export const listsOf = ({ lists }: Pick<InsideIndexRow, 'lists'>) => JSON.parse(lists) as StoredList[]

export type InsideIndexState = Pick<InsideIndexRow, 'id' | 'stamp' | 'revision' | 'made_at'>

/** Which state a view shows; undefined: nobody wanted any. */
export function insideIndexState(
  db: Db,
  { scope, view }: Pick<SetKey, 'scope' | 'view'>,
): Promise<InsideIndexState | undefined> {
  return db
    .selectFrom('inside_indexes')
    .select(['id', 'stamp', 'revision', 'made_at'])
    .where('scope', '=', scope)
    .where('view', '=', view)
    .executeTakeFirst()
}

/** Lists as they were made at one time. */
export type MadeInsides = Pick<InsideIndexRow, 'id' | 'revision'>

/** Whether no others took their place; none do as long as this transaction lasts. */
export async function holdMade(db: Db, { id, revision }: MadeInsides): Promise<boolean> {
  const held = await db
    .updateTable('inside_indexes')
    .set({ revision })
    .where('id', '=', id)
    .where('revision', '=', revision)
    .returning('id')
    .executeTakeFirst()
  return held !== undefined
}

export function findInsideIndex(db: Db, id: number): Promise<InsideIndexRow | undefined> {
  return db.selectFrom('inside_indexes').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Its number; it is there from now on, though nothing is made yet. */
export async function ensureInsideIndex(db: Db, of: InsideIndexOf): Promise<number> {
  const known = await insideIndexState(db, of)
  if (known) return known.id
  const { place, format, rule, key, scope, view, projectIds } = of
  const row = await db
    .insertInto('inside_indexes')
    .values({
      ...placeColumns(place),
      format,
      rule,
      key,
      scope,
      view,
      lists: '[]',
      revision: 0,
      made_at: 0,
    })
    .onConflict((c) => c.columns(['scope', 'view']).doUpdateSet({ key }))
    .returning('id')
    .executeTakeFirstOrThrow()
  for (const some of inBatches([...projectIds]))
    await db
      .insertInto('inside_index_projects')
      .values(some.map((id) => ({ index_id: row.id, project_id: id })))
      .onConflict((c) => c.doNothing())
      .execute()
  return row.id
}

/** The projects of its view that are still there. */
export function projectsOfInsideIndex(db: Db, id: number): ProjectQuery {
  return db
    .selectFrom('projects')
    .select('projects.id')
    .where('projects.deleted_at', 'is', null)
    .where('projects.id', 'in', (eb) =>
      eb
        .selectFrom('inside_index_projects')
        .select('inside_index_projects.project_id')
        .where('inside_index_projects.index_id', '=', id),
    )
}

/** Lists that were made anew take the place of those before. */
export async function keepInsideLists(
  db: Db,
  id: number,
  made: { readonly stamp: string; readonly lists: readonly StoredList[]; readonly now: number },
): Promise<void> {
  await db
    .updateTable('inside_indexes')
    .set((eb) => ({
      stamp: made.stamp,
      lists: JSON.stringify(made.lists),
      revision: eb('revision', '+', 1),
      made_at: made.now,
    }))
    .where('id', '=', id)
    .execute()
}

/** Numbers of the runs that lists name, of indexes numbered over `after`. */
export async function runsOfInsides(
  db: Db,
  after: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly runs: readonly number[] }[]> {
  const rows = await db
    .selectFrom('inside_indexes')
    .select(['id', 'lists'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id, lists }) => ({
    id,
    runs: listsOf({ lists }).flatMap(({ runs }) => runs),
  }))
}

/** Drops some of those that no stored set of their view can show any more. Returns how many went. */
export async function dropForgottenInsides(db: Db, before: number, limit: number): Promise<number> {
  const gone = await db
    .deleteFrom('inside_indexes')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('inside_indexes as old')
        .select('old.id')
        .where('old.made_at', '<', before)
        .where((w) =>
          w.not(
            w.exists(
              w
                .selectFrom('index_sets as sets')
                .select('sets.id')
                .whereRef('sets.scope', '=', 'old.scope')
                .whereRef('sets.view', '=', 'old.view'),
            ),
          ),
        )
        .limit(limit),
    )
    .returning('id')
    .execute()
  return gone.length
}
