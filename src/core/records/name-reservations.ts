/** Patterns of names that a top-level group keeps for itself. */
import type { Db } from '../../database/database.ts'
import type { NameReservationRow } from '../../database/schema.ts'

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

/** All groups' for a format. */
export function reservationsIn(db: Db, format: string) {
  return db.selectFrom('name_reservations').select('pattern').distinct().where('format', '=', format)
}

export function insertReservation(db: Db, wish: NewReservation, now: number): Promise<NameReservationRow> {
  const { groupId, format, pattern, projectId } = wish
  return db
    .insertInto('name_reservations')
    .values({ group_id: groupId, format, pattern, project_id: projectId, created_at: now })
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
