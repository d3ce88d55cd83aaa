import type { Db } from '../../database/database.ts'
import type { UserRow } from '../../database/schema.ts'

export interface NewSession {
  readonly hash: string
  readonly userId: number
  readonly expiresAt: number
}

export async function insertSession(db: Db, session: NewSession, now: number): Promise<void> {
  await db
    .insertInto('sessions')
    .values({
      hash: session.hash,
      user_id: session.userId,
      created_at: now,
      expires_at: session.expiresAt,
    })
    .execute()
}

/** The session's user, whatever their state, and when it ends. */
export async function findSession(
  db: Db,
  hash: string,
): Promise<{ readonly user: UserRow; readonly expiresAt: number } | undefined> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .selectAll('users')
    .select('sessions.expires_at')
    .where('sessions.hash', '=', hash)
    .executeTakeFirst()
  if (!row) return undefined
  const { expires_at: expiresAt, ...user } = row
  return { user, expiresAt }
}

export async function deleteSession(db: Db, hash: string): Promise<void> {
  await db.deleteFrom('sessions').where('hash', '=', hash).execute()
}

/** Signs a user out everywhere. */
export async function deleteSessionsOf(db: Db, userId: number): Promise<void> {
  await db.deleteFrom('sessions').where('user_id', '=', userId).execute()
}
