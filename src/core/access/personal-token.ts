import type { Db } from '../../database/database.ts'
import type { Origin } from '../records/events.ts'
import { grantToken, type MadeToken } from './token-life.ts'

export interface TokenWish {
  readonly userId: number
  readonly name: string
  readonly scopes: readonly string[]
  /** Milliseconds since 1970; left out: the longest allowed. */
  readonly expiresAt?: number | undefined
}

/** Makes a personal access token. Inside a write transaction. Throws as `grantToken`. */
export function createPersonalToken(
  db: Db,
  { userId, ...wish }: TokenWish,
  origin: Origin,
  now: number,
): Promise<MadeToken> {
  return grantToken(db, { owner: { kind: 'personal', user_id: userId }, ...wish }, origin, now)
}
