import type { Db } from '../../database/database.ts'
import type { TokenRow } from '../../database/schema.ts'
import { invalid } from '../../lib/problem.ts'
import { hashToken, makeToken } from '../../lib/tokens.ts'
import { recordEvent, type Origin } from '../records/events.ts'
import { insertToken } from '../records/tokens.ts'
import { scopes as allScopes, type Scope } from './principal.ts'

const day = 86_400_000
/** The longest a token may live, in days. */
export const longestTokenDays = 365

export interface TokenWish {
  readonly userId: number
  readonly name: string
  readonly scopes: readonly string[]
  /** Milliseconds since 1970; left out: the longest allowed. */
  readonly expiresAt?: number | undefined
}

/**
 * Makes a personal access token. The text is returned once and never again. Inside a write transaction.
 * @throws Problem 400 for an unknown scope, none, a bad name, or an expiry that is past or too far off.
 */
export async function createPersonalToken(
  db: Db,
  wish: TokenWish,
  origin: Origin,
  now: number,
): Promise<{ readonly text: string; readonly row: TokenRow }> {
  const scopes = wish.scopes.map(checkScope)
  if (scopes.length === 0) throw invalid(`scopes is empty; choose among ${allScopes.join(', ')}`)
  if (wish.name.trim() === '' || wish.name.length > 255) throw invalid('name must have 1 to 255 characters')
  const expiresAt = wish.expiresAt ?? now + longestTokenDays * day
  if (expiresAt <= now) throw invalid('expires_at is in the past')
  if (expiresAt > now + (longestTokenDays + 1) * day) {
    throw invalid(`expires_at is too far off: tokens live ${longestTokenDays} days at most`)
  }
  const text = makeToken('ept_')
  const row = await insertToken(
    db,
    {
      owner: { kind: 'personal', user_id: wish.userId },
      createdBy: origin.userId,
      name: wish.name,
      hash: hashToken(text),
      scopes,
      expiresAt,
    },
    now,
  )
  await recordEvent(db, 'token.created', origin, { detail: { token: row.id, user: wish.userId } }, now)
  return { text, row }
}

function checkScope(scope: string): Scope {
  if ((allScopes as readonly string[]).includes(scope)) return scope as Scope
  throw invalid(`scopes does not have a valid value: ${scope}; choose among ${allScopes.join(', ')}`)
}
