import { hashToken, isWellFormedToken } from '../../lib/tokens.ts'
import type { Acting } from '../owners/acting.ts'
import { findTokenByHash } from '../records/tokens.ts'
import { endToken } from './token-life.ts'

/**
 * Makes the token with this text worthless, whoever asks: who holds it could use it, which is worse. Does nothing for
 * a text that is no valid token's. Throws 429 once too many were none of ours.
 */
export async function endLeakedToken({ core, origin }: Acting, text: string): Promise<void> {
  const hash = hashToken(text)
  const isKnown = isWellFormedToken(text) && (await findTokenByHash(core.database.read, hash)) !== undefined
  if (!isKnown) return core.limits.invalidCredential(origin.address ?? '', text)
  await core.database.write(async (db) => {
    const found = await findTokenByHash(db, hash)
    if (found) await endToken(db, found.token, origin, core.clock())
  })
}
