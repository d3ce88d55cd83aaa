/** Stretches of joined indexes, compressed. One that stands in several sets is stored once. */
import type { Db } from '../../database/database.ts'
import { inBatches } from './batches.ts'

export interface NewRun {
  /** Of the uncompressed bytes. */
  readonly sha256: string
  readonly gzip: Uint8Array
  readonly zstd: Uint8Array
}

export interface StoredRun extends NewRun {
  readonly id: number
  /** When a set that names it was last stored, as far as is known: milliseconds since 1970. */
  readonly used_at: number
}

/** Runs have some ten kilobytes. */
const atOnce = 50

/** Those of these runs that are stored. */
export const findRuns = (db: Db, sha256s: readonly string[]) => runsWhere(db, 'sha256', sha256s)

/** The runs with these numbers, as far as they are stored. */
export const readRuns = (db: Db, ids: readonly number[]) => runsWhere(db, 'id', ids)

async function runsWhere(
  db: Db,
  column: 'id' | 'sha256',
  values: readonly (number | string)[],
): Promise<StoredRun[]> {
  const found: StoredRun[] = []
  for (const some of inBatches(values, atOnce))
    found.push(
      ...(await db
        .selectFrom('index_runs')
        .selectAll()
        .where(column, 'in', some as never)
        .execute()),
    )
  return found
}

/** Stores runs, some of which may be stored already, and says of all of them that they are used now. */
export async function putRuns(db: Db, runs: readonly NewRun[], now: number): Promise<StoredRun[]> {
  const stored: StoredRun[] = []
  // In one order everywhere, so that two transactions never wait for each other.
  const inOrder = runs.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
  for (const some of inBatches(inOrder, atOnce)) {
    const rows = await db
      .insertInto('index_runs')
      .values(some.map(({ sha256, gzip, zstd }) => ({ sha256, gzip, zstd, used_at: now })))
      .onConflict((c) => c.column('sha256').doUpdateSet({ used_at: now }))
      .returning(['id', 'sha256'])
      .execute()
    const ids = new Map(rows.map(({ id, sha256 }) => [sha256, id]))
    for (const run of some) stored.push({ ...run, id: ids.get(run.sha256)!, used_at: now })
  }
  return stored
}

/** Numbers of runs over `after` that nobody stored in a set since `before`. */
export async function unusedRuns(db: Db, after: number, before: number, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('index_runs')
    .select('id')
    .where('id', '>', after)
    .where('used_at', '<', before)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Numbers of the runs that stored parts name, of parts numbered over `after`. */
export async function namedRuns(
  db: Db,
  after: number,
  limit: number,
): Promise<readonly { readonly id: number; readonly runs: readonly number[] }[]> {
  const rows = await db
    .selectFrom('index_set_parts')
    .select(['id', 'runs'])
    .where('id', '>', after)
    .where('runs', 'is not', null)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id, runs }) => ({ id, runs: JSON.parse(runs!) as number[] }))
}

/** Deletes those of these runs that are still unused. */
export async function deleteRuns(db: Db, ids: readonly number[], before: number): Promise<void> {
  for (const some of inBatches(ids))
    await db.deleteFrom('index_runs').where('id', 'in', some).where('used_at', '<', before).execute()
}
