import { hashToken, isWellFormedToken } from '../../lib/tokens.ts'
import { Problem } from '../../lib/problem.ts'
import type { Core } from '../core.ts'
import { findTokenByHash } from '../records/tokens.ts'
import { asBearer } from './bearer.ts'
import { confirmedUntil } from './sso/confirmation.ts'
import { checkCarrier, type Credential } from './carriers.ts'
import { anonymous, type Machine, type Person, type Principal } from './principal.ts'

/**
 * Who this token makes its bearer; undefined: none of ours by its shape (then it is not even hashed: it may be an account
 * password), unknown, expired, revoked, of a blocked user, of one who must sign in through the provider again, or of a deleted trust.
 */
export async function bearerOf(
  core: Core,
  generation: number,
  token: string,
): Promise<Person | Machine | undefined> {
  return (await find(core, generation, token))?.bearer
}

interface Found {
  /** Undefined: of somebody who must sign in through the provider again before it counts. */
  readonly bearer: Person | Machine | undefined
  readonly until: number
}

async function find(core: Core, generation: number, token: string): Promise<Found | undefined> {
  if (!isWellFormedToken(token)) return undefined
  const hash = hashToken(token)
  return core.kept.get(
    `token/${hash}`,
    generation,
    () => lookUp(core, hash),
    (value) => value?.until ?? Infinity,
  )
}

async function lookUp(core: Core, hash: string): Promise<Found | undefined> {
  const found = await findTokenByHash(core.database.read, hash)
  if (!found || found.token.revoked_at !== null) return undefined
  const expiresAt = found.token.expires_at ?? Infinity
  if (expiresAt <= core.clock()) return undefined
  const bearer = asBearer(found.token, found.user, found.trust)
  if (bearer?.kind !== 'user') return bearer && { bearer, until: expiresAt }
  const confirmed = await confirmedUntil(core, bearer.userId)
  if (confirmed <= core.clock()) return { bearer: undefined, until: expiresAt }
  return { bearer, until: Math.min(expiresAt, confirmed) }
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
  const found = await find(core, generation, credential.token)
  if (!found) throw invalidToken()
  const { bearer } = found
  if (!bearer) throw unconfirmed(core)
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

const unconfirmed = ({ config }: Core) =>
  new Problem(
    401,
    'invalid_token',
    `401 Unauthorized - whose token this is has not signed in for too long; it works again once they sign in with ${config.sso!.name} at ${config.publicUrl}/sign-in`,
  )
