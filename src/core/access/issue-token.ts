/** Personal access tokens on somebody's request: for oneself, or as an administrator for others. */
import type { TokenRow } from '../../database/schema.ts'
import { Problem, forbidden, notFound } from '../../lib/problem.ts'
import type { Acting } from '../owners/acting.ts'
import { recordEvent } from '../records/events.ts'
import { findToken, revokeToken } from '../records/tokens.ts'
import { findUser } from '../records/users.ts'
import { createPersonalToken, type TokenWish } from './personal-token.ts'

/**
 * Makes a token; a token never makes one that reaches further than itself.
 * @throws Problem 403 for scopes beyond the presenting token's, or for others' tokens unless the caller is an
 * administrator; 404 for an unknown user; 400 as `createPersonalToken`.
 */
export async function issueToken(acting: Acting, wish: TokenWish): Promise<{ text: string; row: TokenRow }> {
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
  const now = core.clock()
  await core.database.write(async (db) => {
    const token = await findToken(db, id)
    if (token?.kind !== 'personal' || !mayKnowToken(acting, token)) throw notFound('404 Token Not Found')
    await revokeToken(db, id, now)
    await recordEvent(db, 'token.revoked', origin, { detail: { token: id, user: token.user_id } }, now)
  })
}

/** Whether a token is the caller's own, or the caller an administrator. */
export function mayKnowToken({ principal }: Pick<Acting, 'principal'>, token: TokenRow): boolean {
  return principal.kind === 'user' && (principal.admin || principal.userId === token.user_id)
}
