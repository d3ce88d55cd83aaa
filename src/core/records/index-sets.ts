/** Stored sets of indexes: those that are shown and, for a while, those that were. */
import type { Db } from '../../database/database.ts'
import type { IndexSetPartRow } from '../../database/schema.ts'
import { inBatches } from './batches.ts'

/** A set as one state of the records shows it to one view. */
export interface SetKey {
  readonly scope: string
  readonly view: string
  readonly stamp: string
}

export type StoredPart = Omit<IndexSetPartRow, 'id' | 'set_id'>

const partColumns = [
  'path',
  'lasting',
  'content_type',
  'headers',
  'form',
  'text',
  'runs',
  'size',
  'sha256',
] as const

/** The parts of a stored set; none: it is not stored. */
export function partsOfSet(db: Db, { scope, view, stamp }: SetKey): Promise<StoredPart[]> {
  return db
    .selectFrom('index_set_parts as parts')
    .innerJoin('index_sets as sets', 'sets.id', 'parts.set_id')
    .select(partColumns.map((column) => `parts.${column}` as const))
    .where('sets.scope', '=', scope)
    .where('sets.view', '=', view)
    .where('sets.stamp', '=', stamp)
    .execute()
}

/** What a lasting path names in any stored set of a view. */
export function lastingPart(
  db: Db,
  { scope, view }: Pick<SetKey, 'scope' | 'view'>,
  lasting: string,
): Promise<StoredPart | undefined> {
  return db
    .selectFrom('index_set_parts as parts')
    .innerJoin('index_sets as sets', 'sets.id', 'parts.set_id')
    .select(partColumns.map((column) => `parts.${column}` as const))
    .where('sets.scope', '=', scope)
    .where('sets.view', '=', view)
    .where('parts.lasting', '=', lasting)
    .orderBy('sets.id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** How many views other than this one have stored sets of the scope. */
export async function otherViews(db: Db, { scope, view }: Pick<SetKey, 'scope' | 'view'>): Promise<number> {
  const row = await db
    .selectFrom('index_sets')
    .select((eb) => eb.fn.count<number>('view').distinct().as('views'))
    .where('scope', '=', scope)
    .where('view', '<>', view)
    .executeTakeFirstOrThrow()
  return Number(row.views)
}

/** Stores a set with its parts; nothing where it is stored already. */
export async function insertSet(
  db: Db,
  key: SetKey,
  parts: readonly StoredPart[],
  now: number,
): Promise<void> {
  const { scope, view, stamp } = key
  const set = await db
    .insertInto('index_sets')
    .values({ scope, view, stamp, created_at: now })
    .onConflict((c) => c.columns(['scope', 'view', 'stamp']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!set) return
  for (const some of inBatches(parts))
    await db
      .insertInto('index_set_parts')
      .values(some.map((part) => ({ ...part, set_id: set.id })))
      .execute()
}

/** Sets of a view beyond the newest `most` go. */
export async function dropOldestSets(
  db: Db,
  { scope, view }: Pick<SetKey, 'scope' | 'view'>,
  most: number,
): Promise<void> {
  await db
    .deleteFrom('index_sets')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('index_sets as older')
        .select('older.id')
        .where('older.scope', '=', scope)
        .where('older.view', '=', view)
        .orderBy('older.id', 'desc')
        .limit(100)
        .offset(most),
    )
    .execute()
}

/**
 * Drops some of the sets that `least` newer ones of their view have followed, the oldest of these before `before`.
 * Returns how many went.
 */
export async function dropSuperseded(
  db: Db,
  { before, least, limit }: { readonly before: number; readonly least: number; readonly limit: number },
): Promise<number> {
  const gone = await db
    .deleteFrom('index_sets')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('index_sets as old')
        .select('old.id')
        .where((w) =>
          w(
            w
              .selectFrom('index_sets as newer')
              .select((n) => n.fn.countAll<number>().as('count'))
              .whereRef('newer.scope', '=', 'old.scope')
              .whereRef('newer.view', '=', 'old.view')
              .whereRef('newer.id', '>', 'old.id')
              .where('newer.created_at', '<', before),
            '>=',
            least,
          ),
        )
        .limit(limit),
    )
    .returning('id')
    .execute()
  return gone.length
}

/** Drops views that nobody made a set for since `before`: what is asked for again is made again. Returns how many sets went. */
export async function dropForgottenViews(db: Db, before: number, limit: number): Promise<number> {
  const gone = await db
    .deleteFrom('index_sets')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('index_sets as old')
        .select('old.id')
        .where('old.created_at', '<', before)
        .where((w) =>
          w.not(
            w.exists(
              w
                .selectFrom('index_sets as newer')
                .select('newer.id')
                .whereRef('newer.scope', '=', 'old.scope')
                .whereRef('newer.view', '=', 'old.view')
                .where('newer.created_at', '>=', before),
            ),
          ),
        )
        .limit(limit),
    )
    .returning('id')
    .execute()
  return gone.length
}
