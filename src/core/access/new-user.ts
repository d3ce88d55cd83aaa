import type { Db } from '../../database/database.ts'
import type { UserRow } from '../../database/schema.ts'
import { recordEvent, type Origin } from '../records/events.ts'
import { createUser, type NewUser } from '../records/users.ts'

/** Adds a user and records it. Inside a write transaction. Throws as `createUser`. */
export async function addUser(db: Db, wish: NewUser, origin: Origin, now: number): Promise<UserRow> {
  const user = await createUser(db, wish, now)
  const detail = { user: user.id, username: user.username, admin: user.admin === 1 }
  await recordEvent(db, 'user.created', origin, { detail }, now)
  return user
}
