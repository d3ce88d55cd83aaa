import { hashToken, isWellFormedToken } from '../../lib/tokens.ts'
import type { Acting } from '../owners/acting.ts'
import { findTokenByHash } from '../records/tokens.ts'
import { endToken } from './token-life.ts'

/**
 * Makes the token with this text worthless, whoever asks: who holds it could use it, which is worse. Does nothing for
 * a text that is no valid token's.
 */
export async function endLeakedToken({ core, origin }: Acting, text: string): Promise<void> {
  if (!isWellFormedToken(text)) return
  const hash = hashToken(text)
  if (!(await findTokenByHash(core.database.read, hash))) return
  await core.database.write(async (db) => {
    const found = await findTokenByHash(db, hash)
    if (found) await endToken(db, found.token, origin, core.clock())
  })
}
