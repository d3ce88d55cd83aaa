/** Patterns of names that a top-level group keeps for itself. */
import type { Db } from '../../database/database.ts'
import { anchorOf, anchorsOfName } from '../../database/pattern-anchor.ts'
import type { NameReservationRow } from '../../database/schema.ts'
import { inBatches } from './batches.ts'

export interface NewReservation {
  readonly groupId: number
  readonly format: string
  readonly pattern: string
  /** Who alone may publish such names first; null: any project below. */
  readonly projectId: number | null
}

/** A group's, the oldest first. */
export function reservationsOf(db: Db, groupId: number) {
  return db
    .selectFrom('name_reservations')
    .selectAll()
    .where('name_reservations.group_id', '=', groupId)
    .orderBy('name_reservations.id')
}

/** Rows of one statement. */
const rowsAtOnce = 1000

/** The patterns of all groups for a format, the oldest first; undefined where there are more than `most`. */
export async function fewReservations(
  db: Db,
  format: string,
  most: number,
): Promise<readonly Pick<NameReservationRow, 'pattern'>[] | undefined> {
  const rows = await db
    .selectFrom('name_reservations')
    .select('pattern')
    .where('format', '=', format)
    .limit(most + 1)
    .execute()
  return rows.length > most ? undefined : rows
}

/** Those of all groups that may match one of the names, a page at a time: few, however many there are. */
export async function* reservationsNear(
  db: Db,
  format: string,
  names: readonly string[],
): AsyncGenerator<readonly Pick<NameReservationRow, 'pattern'>[]> {
  const anchors = new Set(names.flatMap((name) => [...anchorsOfName(name)]))
  for (const some of inBatches([...anchors])) {
    let after = 0
    for (;;) {
      const rows = await db
        .selectFrom('name_reservations')
        .select(['id', 'pattern'])
        .where('format', '=', format)
        .where('anchor', 'in', some)
        .where('id', '>', after)
        .orderBy('id')
        .limit(rowsAtOnce)
        .execute()
      yield rows
      if (rows.length < rowsAtOnce) break
      after = rows.at(-1)!.id
    }
  }
}

export function insertReservation(db: Db, wish: NewReservation, now: number): Promise<NameReservationRow> {
  const { groupId, format, pattern, projectId } = wish
  return db
    .insertInto('name_reservations')
    .values({
      group_id: groupId,
      format,
      pattern,
      project_id: projectId,
      created_at: now,
      anchor: anchorOf(pattern),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The row that went, if there was one. */
export function deleteReservation(
  db: Db,
  groupId: number,
  id: number,
): Promise<NameReservationRow | undefined> {
  return db
    .deleteFrom('name_reservations')
    .where('group_id', '=', groupId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}
