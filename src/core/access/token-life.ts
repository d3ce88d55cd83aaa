/** How tokens of every kind begin and end. Everything here happens inside a write transaction. */
import type { Db } from '../../database/database.ts'
import type { TokenRow } from '../../database/schema.ts'
import { invalid } from '../../lib/problem.ts'
import { hashToken, makeToken } from '../../lib/tokens.ts'
import { recordEvent, type EventSubject, type Origin } from '../records/events.ts'
import { insertToken, revokeToken, type TokenOwner } from '../records/tokens.ts'
import { scopes as allScopes, type Scope } from './principal.ts'

const day = 86_400_000
/** The longest a token may live, in days. */
export const longestTokenDays = 365

/** What scanners find leaked tokens by. */
const prefixes = { personal: 'ept_', project: 'epa_', group: 'epa_', deploy: 'epd_', job: 'epj_' } as const

/** A token that was just made: the only time its text is known. */
export interface MadeToken {
  readonly text: string
  readonly row: TokenRow
}

export interface Grant {
  readonly owner: TokenOwner
  readonly name: string
  readonly scopes: readonly string[]
  /** Milliseconds since 1970; left out: the longest allowed. */
  readonly expiresAt?: number | undefined
}

/**
 * Makes a token and records it. The text is returned once and never again.
 * @throws Problem 400 for an unknown scope, none, a bad name, or an expiry that is past or too far off.
 */
export async function grantToken(
  db: Db,
  grant: Grant,
  origin: Origin,
  now: number,
  allowed: readonly Scope[] = allScopes,
): Promise<MadeToken> {
  const made = await beginToken(db, grant, origin, now, allowed)
  await recordEvent(db, 'token.created', origin, subjectOf(made.row), now)
  return made
}

async function beginToken(
  db: Db,
  { owner, name, scopes, expiresAt }: Grant,
  origin: Origin,
  now: number,
  allowed: readonly Scope[],
): Promise<MadeToken> {
  checkScopes(scopes, allowed)
  if (name.trim() === '' || name.length > 255) throw invalid('name must have 1 to 255 characters')
  const until = checkExpiry(expiresAt ?? now + longestTokenDays * day, now)
  const text = makeToken(prefixes[owner.kind])
  const token = { owner, createdBy: origin.userId, name, hash: hashToken(text), scopes, expiresAt: until }
  return { text, row: await insertToken(db, token, now) }
}

function checkScopes(scopes: readonly string[], allowed: readonly string[]): void {
  const choice = `choose among ${allowed.join(', ')}`
  if (scopes.length === 0) throw invalid(`scopes is empty; ${choice}`)
  const unknown = scopes.find((scope) => !allowed.includes(scope))
  if (unknown !== undefined) throw invalid(`scopes does not have a valid value: ${unknown}; ${choice}`)
}

function checkExpiry(expiresAt: number, now: number): number {
  if (expiresAt <= now) throw invalid('expires_at is in the past')
  if (expiresAt <= now + (longestTokenDays + 1) * day) return expiresAt
  throw invalid(`expires_at is too far off: tokens live ${longestTokenDays} days at most`)
}

/** Whether a token is neither revoked nor expired. */
export function isAlive(token: TokenRow, now: number): boolean {
  return token.revoked_at === null && (token.expires_at === null || token.expires_at > now)
}

/**
 * Puts a new token in the place of one, which ends: same owner, name, role and scopes. Left out, it lives as long as
 * the old one was given.
 * @throws Problem 400 if the old one is revoked or expired, or for an expiry that is past or too far off.
 */
export async function replaceToken(
  db: Db,
  token: TokenRow,
  expiresAt: number | undefined,
  origin: Origin,
  now: number,
): Promise<MadeToken> {
  if (!isAlive(token, now)) throw invalid('the token is revoked or expired already; make a new one')
  await revokeToken(db, token.id, now)
  const { kind, user_id, group_id, project_id, role, username, name } = token
  const lifetime = token.expires_at === null ? undefined : token.expires_at - token.created_at
  const grant: Grant = {
    owner: { kind, user_id, group_id, project_id, role, username },
    name,
    scopes: token.scopes.split(' '),
    expiresAt: expiresAt ?? (lifetime === undefined ? undefined : now + lifetime),
  }
  const made = await beginToken(db, grant, origin, now, allScopes)
  await recordEvent(db, 'token.rotated', origin, subjectOf(token, { successor: made.row.id }), now)
  return made
}

/** Makes a token worthless. One that is already stays as it is. */
export async function endToken(db: Db, token: TokenRow, origin: Origin, now: number): Promise<void> {
  if (token.revoked_at !== null) return
  await revokeToken(db, token.id, now)
  await recordEvent(db, 'token.revoked', origin, subjectOf(token), now)
}

function subjectOf({ id, kind, user_id, group_id, project_id, name }: TokenRow, more?: object): EventSubject {
  const of = user_id === null ? {} : { user: user_id }
  return {
    ...(project_id === null ? {} : { projectId: project_id }),
    ...(group_id === null ? {} : { groupId: group_id }),
    detail: { token: id, kind, token_name: name, ...of, ...more },
  }
}
