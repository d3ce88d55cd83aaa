import { hashToken } from '../../lib/tokens.ts'
import { Problem } from '../../lib/problem.ts'
import type { Core } from '../core.ts'
import { findTokenByHash } from '../records/tokens.ts'
import { asBearer } from './bearer.ts'
import { anonymous, type Machine, type Person, type Principal } from './principal.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** The token among the carriers that work on every route: PRIVATE-TOKEN, Bearer, Basic (as the password). */
export function tokenFrom(headers: Headers): string | undefined {
  const own = headers['private-token']
  if (own !== undefined) return own
  const { authorization } = headers
  if (authorization === undefined) return undefined
  const [scheme = '', value = ''] = split(authorization.trim(), ' ')
  if (scheme.toLowerCase() === 'bearer') return value.trim()
  if (scheme.toLowerCase() !== 'basic') return undefined
  const [user, password] = split(Buffer.from(value.trim(), 'base64').toString('utf8'), ':')
  // Some clients can only send one word and put the token where the user name goes.
  return password || user
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

/** Who this token makes its bearer; undefined: unknown, expired, revoked, of a blocked user or a deleted trust. */
export async function bearerOf(
  core: Core,
  generation: number,
  token: string,
): Promise<Person | Machine | undefined> {
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
 * Who calls, by the token presented (undefined: none).
 * @throws Problem 401 if the token is not valid; nobody falls back to being anonymous.
 */
export async function identify(
  core: Core,
  generation: number,
  token: string | undefined,
): Promise<Principal> {
  if (token === undefined) return anonymous
  const bearer = await bearerOf(core, generation, token)
  if (bearer) return bearer
  throw new Problem(
    401,
    'invalid_token',
    '401 Unauthorized - the token is not valid (account passwords work on the sign-in page only; make a token under Access tokens)',
  )
}
