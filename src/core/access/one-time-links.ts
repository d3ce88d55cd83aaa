import { randomBytes } from 'node:crypto'
import type { Database, Db } from '../../database/database.ts'
import type { LinkRow } from '../../database/schema.ts'
import { notFound } from '../../lib/problem.ts'
import { hashToken } from '../../lib/tokens.ts'

type Purpose = LinkRow['purpose']
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

/**
 * A fresh address at which a user chooses a password, also where passwords sign nobody in: for the command line of the
 * server. It holds for a day and works once.
 */
export function passwordLink(db: Db, publicUrl: string, userId: number, now: number): Promise<string> {
  return userLink(db, publicUrl, 'password', userId, now)
}

/**
 * A fresh address at which a user takes up an account: with a password, or through the OpenID provider, whichever signs
 * people in. It holds for a day and works once.
 */
export function invitationLink(db: Db, publicUrl: string, userId: number, now: number): Promise<string> {
  return userLink(db, publicUrl, 'invitation', userId, now)
}

async function userLink(
  db: Db,
  publicUrl: string,
  purpose: 'password' | 'invitation',
  userId: number,
  now: number,
): Promise<string> {
  const secret = newSecret()
  await db.deleteFrom('links').where('user_id', '=', userId).execute()
  await insertLink(db, secret, purpose, userId, now)
  return `${publicUrl}/password?key=${secret}`
}

/** Makes what links a user was given worthless. */
export async function dropLinksOf(db: Db, userId: number): Promise<void> {
  await db.deleteFrom('links').where('user_id', '=', userId).execute()
}

const newSecret = () => randomBytes(24).toString('base64url')

async function insertLink(db: Db, secret: string, purpose: Purpose, userId: number | null, now: number) {
  await db
    .insertInto('links')
    .values({ hash: hashToken(secret), purpose, user_id: userId, expires_at: now + day })
    .execute()
}

/** What the link would be good for now; undefined: nothing. */
export async function purposeOfLink(db: Db, secret: string, now: number): Promise<Purpose | undefined> {
  const row = await db
    .selectFrom('links')
    .select('purpose')
    .where('hash', '=', hashToken(secret))
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row?.purpose
}

/** Uses a link up, inside the transaction that does what it is for. Throws 404 if it was used, is too old or unknown. */
export async function useLink(
  db: Db,
  secret: string,
  purpose: Purpose,
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
