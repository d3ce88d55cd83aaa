/** Personal access tokens on somebody's request: for oneself, or as an administrator for others. */
import type { Db } from '../../database/database.ts'
import type { TokenRow } from '../../database/schema.ts'
import { Problem, forbidden, notFound } from '../../lib/problem.ts'
import type { Acting } from '../owners/acting.ts'
import { findToken } from '../records/tokens.ts'
import { findUser } from '../records/users.ts'
import { createPersonalToken, type TokenWish } from './personal-token.ts'
import { endToken, replaceToken, type MadeToken } from './token-life.ts'

/**
 * Makes a token; a token never makes one that reaches further than itself.
 * @throws Problem 403 for scopes beyond the presenting token's, or for others' tokens unless the caller is an
 * administrator; 404 for an unknown user; 400 as `createPersonalToken`.
 */
export async function issueToken(acting: Acting, wish: TokenWish): Promise<MadeToken> {
  const { core, principal, origin } = acting
  const isOwn = principal.kind === 'user' && principal.userId === wish.userId
  const isAdmin = principal.kind === 'user' && principal.admin
  if (!isOwn && !isAdmin) throw forbidden()
  checkCeiling(acting, wish.scopes)
  const now = core.clock()
  return core.database.write(async (db) => {
    if (!(await findUser(db, wish.userId))) throw notFound('404 User Not Found')
    return createPersonalToken(db, wish, origin, now)
  })
}

/** `api` holds every other scope; each other one holds itself. */
function checkCeiling({ principal }: Acting, wished: readonly string[]): void {
  const ceiling: readonly string[] | undefined = principal.kind === 'user' ? principal.token?.scopes : []
  if (ceiling === undefined || ceiling.includes('api')) return
  const beyond = wished.find((scope) => !ceiling.includes(scope))
  if (beyond === undefined) return
  throw new Problem(403, 'insufficient_scope', `403 Forbidden - this token lacks the scope ${beyond} itself`)
}

/** Makes a token worthless. Throws 404 if there is none that the caller may know of. */
export async function withdrawToken(acting: Acting, id: number): Promise<void> {
  const { core, origin } = acting
  await core.database.write(async (db) => endToken(db, await known(db, acting, id), origin, core.clock()))
}

/**
 * Puts a new token in the place of one, of which only the name and the scopes stay.
 * @throws Problem 404 if there is none that the caller may know of, 403 if it reaches further than the presenting one,
 * 400 as `replaceToken`.
 */
export async function rotateToken(acting: Acting, id: number, expiresAt?: number): Promise<MadeToken> {
  const { core, origin } = acting
  return core.database.write(async (db) => {
    const token = await known(db, acting, id)
    checkCeiling(acting, token.scopes.split(' '))
    return replaceToken(db, token, expiresAt, origin, core.clock())
  })
}

async function known(db: Db, acting: Acting, id: number): Promise<TokenRow> {
  const token = await findToken(db, id)
  if (token?.kind !== 'personal' || !mayKnowToken(acting, token)) throw notFound('404 Token Not Found')
  return token
}

/** Whether a token is the caller's own, or the caller an administrator. */
export function mayKnowToken({ principal }: Pick<Acting, 'principal'>, token: TokenRow): boolean {
  return principal.kind === 'user' && (principal.admin || principal.userId === token.user_id)
}
