import type { Db } from '../../database/database.ts'
import type { TokenRow, UserRow } from '../../database/schema.ts'

export interface NewToken {
  readonly userId: number
  readonly name: string
  readonly hash: string
  readonly scopes: readonly string[]
  readonly expiresAt: number | null
}

export function insertToken(db: Db, token: NewToken, now: number): Promise<TokenRow> {
  return db
    .insertInto('tokens')
    .values({
      kind: 'personal',
      user_id: token.userId,
      name: token.name,
      hash: token.hash,
      scopes: token.scopes.join(' '),
      created_at: now,
      expires_at: token.expiresAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The token with this hash and its user, whatever their state. */
export async function findTokenByHash(
  db: Db,
  hash: string,
): Promise<{ readonly token: TokenRow; readonly user: UserRow } | undefined> {
  const token = await db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
  if (!token) return undefined
  const user = await db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', token.user_id)
    .executeTakeFirstOrThrow()
  return { token, user }
}

export function findToken(db: Db, id: number): Promise<TokenRow | undefined> {
  return db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Makes the token worthless from the next request on. */
export async function revokeToken(db: Db, id: number, now: number): Promise<void> {
  await db
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute()
}
