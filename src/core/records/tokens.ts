import type { Db } from '../../database/database.ts'
import type { TokenRow, TrustRow, UserRow } from '../../database/schema.ts'

/** What a token belongs to and acts as: a person (`personal`), or itself on a group or project. */
export interface TokenOwner {
  readonly kind: TokenRow['kind']
  readonly user_id?: number | null
  readonly project_id?: number | null
  readonly group_id?: number | null
  /** Left out for persons, and for jobs: their trust says it, at each request. */
  readonly role?: number | null
  readonly username?: string | null
  readonly trust_id?: number | null
}

export interface NewToken {
  readonly owner: TokenOwner
  readonly createdBy: number | null
  readonly name: string
  readonly hash: string
  readonly scopes: readonly string[]
  readonly expiresAt: number | null
}

export function insertToken(db: Db, token: NewToken, now: number): Promise<TokenRow> {
  return db
    .insertInto('tokens')
    .values({
      ...token.owner,
      created_by: token.createdBy,
      name: token.name,
      hash: token.hash,
      scopes: token.scopes.join(' '),
      created_at: now,
      expires_at: token.expiresAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The token with this hash, with the user or trust behind it, whatever their state. */
export async function findTokenByHash(
  db: Db,
  hash: string,
): Promise<{ token: TokenRow; user: UserRow | undefined; trust: TrustRow | undefined } | undefined> {
  const token = await db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
  if (!token) return undefined
  const { user_id, trust_id } = token
  return {
    token,
    user:
      user_id === null
        ? undefined
        : await db.selectFrom('users').selectAll().where('id', '=', user_id).executeTakeFirst(),
    trust:
      trust_id === null
        ? undefined
        : await db.selectFrom('trusts').selectAll().where('id', '=', trust_id).executeTakeFirst(),
  }
}

export function findToken(db: Db, id: number): Promise<TokenRow | undefined> {
  return db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Gives a deploy token the user name that it must come with. */
export function nameToken(db: Db, id: number, username: string): Promise<TokenRow> {
  return db
    .updateTable('tokens')
    .set({ username })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Makes all of a user's tokens worthless; resolves to how many there were. */
export async function revokeTokensOf(db: Db, userId: number, now: number): Promise<number> {
  const revoked = await db
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .returning('id')
    .execute()
  return revoked.length
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
