/** Checks an ID token (OpenID Connect Core 1.0, RFC 7519): who issued it, for whom, for how long. */
import { hash } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import { Problem } from '../../../lib/problem.ts'
import type { Core } from '../../core.ts'
import { EgressError } from '../../egress/egress-error.ts'
import type { Claims } from './conditions.ts'
import { IssuerError } from './issuers.ts'

/** A token that its issuer signed for us. */
export interface IdToken {
  readonly issuer: string
  readonly subject: string
  readonly claims: Claims
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** The same for each presentation of the token, and for no other token. */
  readonly fingerprint: string
}

const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
/** How far clocks may differ, in seconds. */
export const leeway = 60
const longestLife = 86_400
const longestToken = 16 * 1024

/** 401 with what is wrong with the token: it is nobody's secret, its bearer can read it. */
export const refused = (why: string) =>
  new Problem(401, 'invalid_id_token', `401 Unauthorized - the ID token is not accepted: ${why}`)

/** What a token claims, unchecked. Throws 401 for what is no token. */
export async function readClaims(text: string): Promise<Claims & { readonly iss: string }> {
  if (text.length > longestToken) throw refused('it is too long')
  const { decodeJwt } = await import('jose')
  try {
    const claims = decodeJwt(text)
    if (typeof claims.iss === 'string') return { ...claims, iss: claims.iss }
  } catch {
    throw refused('it is no signed JSON Web Token')
  }
  throw refused('it has no issuer (iss)')
}

/**
 * Verifies a token with the keys of the issuer that it names: only call this for issuers that somebody trusts.
 * @param audiences each of the token's audiences must be one of them.
 * @throws Problem 401 saying what is wrong with it; 503 where the issuer's keys cannot be had.
 */
export async function verifyIdToken(
  core: Core,
  text: string,
  audiences: readonly string[],
): Promise<IdToken> {
  const { iss: issuer } = await readClaims(text)
  const claims = await verified(core, text, issuer)
  const { sub: subject, aud, jti, exp = 0, iat = 0 } = claims
  const named = typeof aud === 'string' ? [aud] : (aud ?? [])
  if (named.length === 0 || !named.every((one) => audiences.includes(one))) {
    throw refused(`its audience must be ${audiences.join(' or ')}, not ${printable(named.join(', '))}`)
  }
  if (typeof subject !== 'string' || subject === '' || subject !== printable(subject)) {
    throw refused('its subject (sub) must be one line of text')
  }
  if (iat > core.clock() / 1000 + leeway) throw refused('it was issued in the future (iat)')
  if (exp - iat > longestLife) throw refused('it lives longer than 24 hours')
  const own =
    typeof jti === 'string' && jti !== '' ? `jti ${issuer} ${jti}` : `token ${text.split('.', 2).join('.')}`
  return { issuer, subject, claims, expiresAt: exp * 1000, fingerprint: hash('sha256', own) }
}

async function verified(core: Core, text: string, issuer: string) {
  const keys = await keysOf(core, issuer)
  try {
    return await verifyWith(core, text, issuer, keys)
  } catch (error) {
    if (!isUnknownKey(error)) throw explained(error)
  }
  try {
    return await verifyWith(core, text, issuer, await keysOf(core, issuer, true))
  } catch (error) {
    throw explained(error)
  }
}

async function verifyWith(core: Core, text: string, issuer: string, set: JSONWebKeySet) {
  const { createLocalJWKSet, jwtVerify, errors } = await import('jose')
  const options = {
    algorithms,
    issuer,
    clockTolerance: leeway,
    currentDate: new Date(core.clock()),
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
  }
  try {
    return (await jwtVerify(text, createLocalJWKSet(set), options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const payload = await jwtVerify(text, key, options).then(
        (result) => result.payload,
        (reason: unknown) => {
          if (reason instanceof errors.JWSSignatureVerificationFailed) return undefined
          throw reason
        },
      )
      if (payload) return payload
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

async function keysOf(core: Core, issuer: string, fresh = false): Promise<JSONWebKeySet> {
  try {
    return await core.issuers.keys(issuer, fresh)
  } catch (error) {
    if (!(error instanceof EgressError) && !(error instanceof IssuerError)) throw error
    core.log.warn({ err: error, issuer }, 'the keys of an issuer of ID tokens cannot be had')
    throw new Problem(
      503,
      'issuer_unavailable',
      `503 Service Unavailable - the keys of the issuer ${printable(issuer)} cannot be had: ${error.message}`,
    )
  }
}

const codeOf = (error: unknown) => (error as { readonly code?: unknown }).code
const isUnknownKey = (error: unknown) => codeOf(error) === 'ERR_JWKS_NO_MATCHING_KEY'

function explained(error: unknown): unknown {
  const { claim, message } = error as { readonly claim?: string; readonly message: string }
  switch (codeOf(error)) {
    case 'ERR_JWT_EXPIRED':
      return refused('it has expired')
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return refused(`its claim ${claim} does not hold (${message})`)
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return refused(`its algorithm is none of ${algorithms.join(', ')}`)
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return refused('its issuer did not sign it')
    default:
      return String(codeOf(error)).startsWith('ERR_J') ? refused(message) : error
  }
}

/** Text from a token as one short line. */
export function printable(text: string): string {
  return text.slice(0, 500).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}
