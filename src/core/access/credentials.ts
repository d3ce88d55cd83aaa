import { hashToken, isWellFormedToken } from '../../lib/tokens.ts'
import { Problem } from '../../lib/problem.ts'
import type { Core } from '../core.ts'
import { findTokenByHash } from '../records/tokens.ts'
import { asBearer } from './bearer.ts'
import { checkCarrier, type Credential } from './carriers.ts'
import { anonymous, type Machine, type Person, type Principal } from './principal.ts'

/**
 * Who this token makes its bearer; undefined: none of ours by its shape (then it is not even hashed: it may be an account
 * password), unknown, expired, revoked, of a blocked user or a deleted trust.
 */
export async function bearerOf(
  core: Core,
  generation: number,
  token: string,
): Promise<Person | Machine | undefined> {
  if (!isWellFormedToken(token)) return undefined
  const hash = hashToken(token)
  const found = await core.kept.get(
    `token/${hash}`,
    generation,
    () => lookUp(core, hash),
    (value) => value?.until ?? Infinity,
  )
  return found?.bearer
}

async function lookUp(core: Core, hash: string) {
  const found = await findTokenByHash(core.database.read, hash)
  if (!found || found.token.revoked_at !== null) return undefined
  const until = found.token.expires_at ?? Infinity
  if (until <= core.clock()) return undefined
  const bearer = asBearer(found.token, found.user, found.trust)
  return bearer && { bearer, until }
}

/**
 * Who calls, by the credential presented (undefined: none).
 * @throws Problem 401 if the token is not valid, or came in a carrier that is not for its kind; nobody falls back to
 * being anonymous.
 */
export async function identify(
  core: Core,
  generation: number,
  credential: Credential | undefined,
): Promise<Principal> {
  if (credential === undefined) return anonymous
  const bearer = await bearerOf(core, generation, credential.token)
  if (!bearer) throw invalidToken()
  checkCarrier(bearer, credential)
  core.tokenUses.note(bearer.token!.id, core.clock())
  return bearer
}

const invalidToken = () =>
  new Problem(
    401,
    'invalid_token',
    '401 Unauthorized - the token is not valid (account passwords work on the sign-in page only; make a token under Access tokens)',
  )
