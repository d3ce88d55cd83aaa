import type { Db } from '../../database/database.ts'
import type { UserRow } from '../../database/schema.ts'
import { recordEvent, type Origin } from '../records/events.ts'
import { deleteSessionsOf } from '../records/sessions.ts'
import { setPasswordHash } from '../records/users.ts'

/** Gives a user another password, which signs them out everywhere. Inside a write transaction. */
export async function changePassword(
  db: Db,
  user: Pick<UserRow, 'id' | 'username'>,
  passwordHash: string,
  origin: Origin,
  now: number,
): Promise<void> {
  await setPasswordHash(db, user.id, passwordHash)
  await deleteSessionsOf(db, user.id)
  const detail = { user: user.id, username: user.username }
  await recordEvent(db, 'user.password_changed', origin, { detail }, now)
}
