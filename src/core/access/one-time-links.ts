import { randomBytes } from 'node:crypto'
import type { Database, Db } from '../../database/database.ts'
import { notFound } from '../../lib/problem.ts'
import { hashToken } from '../../lib/tokens.ts'

const day = 86_400_000

/** A fresh address that makes the first administrator; earlier ones stop working. It holds for a day. */
export async function setupLink(database: Database, publicUrl: string, now: number): Promise<string> {
  const secret = newSecret()
  await database.write(async (db) => {
    await db.deleteFrom('links').where('purpose', '=', 'setup').execute()
    await insertLink(db, secret, 'setup', null, now)
  })
  return `${publicUrl}/setup?key=${secret}`
}

/** A fresh address at which a user chooses a password. It holds for a day and works once. */
export async function passwordLink(db: Db, publicUrl: string, userId: number, now: number): Promise<string> {
  const secret = newSecret()
  await db.deleteFrom('links').where('purpose', '=', 'password').where('user_id', '=', userId).execute()
  await insertLink(db, secret, 'password', userId, now)
  return `${publicUrl}/password?key=${secret}`
}

const newSecret = () => randomBytes(24).toString('base64url')

async function insertLink(
  db: Db,
  secret: string,
  purpose: 'setup' | 'password',
  userId: number | null,
  now: number,
) {
  await db
    .insertInto('links')
    .values({ hash: hashToken(secret), purpose, user_id: userId, expires_at: now + day })
    .execute()
}

/** Whether the link would work now. */
export async function linkIsGood(
  db: Db,
  secret: string,
  purpose: 'setup' | 'password',
  now: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('links')
    .select('hash')
    .where('hash', '=', hashToken(secret))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row !== undefined
}

/** Uses a link up, inside the transaction that does what it is for. Throws 404 if it was used, is too old or unknown. */
export async function useLink(
  db: Db,
  secret: string,
  purpose: 'setup' | 'password',
  now: number,
): Promise<{ readonly userId: number | null }> {
  const row = await db
    .deleteFrom('links')
    .where('hash', '=', hashToken(secret))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .returning('user_id')
    .executeTakeFirst()
  if (!row) throw notFound('this link was used already, or is too old; ask for a new one')
  return { userId: row.user_id }
}
