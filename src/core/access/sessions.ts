/** Sessions of people signed in on the web. They count on web pages only: no API or package route asks here. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Db } from '../../database/database.ts'
import type { UserRow } from '../../database/schema.ts'
import { hashToken } from '../../lib/tokens.ts'
import type { Core } from '../core.ts'
import { recordEvent, type Origin } from '../records/events.ts'
import { deleteSession, findSession, insertSession } from '../records/sessions.ts'
import type { Person } from './principal.ts'
import { confirmedUntil } from './sso/confirmation.ts'

/** How long one is signed in, in milliseconds. */
export const sessionMs = 7 * 86_400_000
const secretRule = /^[\w-]{43}$/

/** Signs a user in, inside a write transaction. Returns the secret that the cookie holds; only its hash is stored. */
export async function startSession(
  db: Db,
  { id, username }: Pick<UserRow, 'id' | 'username'>,
  origin: Origin,
  now: number,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  await insertSession(db, { hash: hashToken(secret), userId: id, expiresAt: now + sessionMs }, now)
  const own = { ...origin, userId: id, actor: username }
  await recordEvent(db, 'session.started', own, { detail: { user: id, username } }, now)
  return secret
}

/** Signs out: the secret is worthless from then on. Inside a write transaction. */
export async function endSession(db: Db, secret: string, origin: Origin, now: number): Promise<void> {
  await deleteSession(db, hashToken(secret))
  const detail = { user: origin.userId, username: origin.actor }
  await recordEvent(db, 'session.ended', origin, { detail }, now)
}

/** Who is signed in, or undefined: unknown, over, of a blocked user, or of one who must sign in through the provider again. */
export async function personOfSession(
  core: Core,
  generation: number,
  secret: string,
): Promise<Person | undefined> {
  if (!secretRule.test(secret)) return undefined
  const hash = hashToken(secret)
  const found = await core.kept.get(
    `session/${hash}`,
    generation,
    async () => {
      const row = await findSession(core.database.read, hash)
      if (!row || row.user.state !== 'active' || row.expiresAt <= core.clock()) return undefined
      const { id: userId, username, admin } = row.user
      const confirmed = await confirmedUntil(core, userId)
      if (confirmed <= core.clock()) return undefined
      const person: Person = { kind: 'user', userId, username, admin: admin === 1 }
      return { person, until: Math.min(row.expiresAt, confirmed) }
    },
    (value) => value?.until ?? Infinity,
  )
  return found?.person
}

/** What forms of this session carry, so that no other site can send them. */
export function formToken(secret: string): string {
  return createHmac('sha256', secret).update('form').digest('base64url')
}

/** Whether a form carried this session's token. */
export function isFormToken(secret: string, presented: string): boolean {
  const expected = Buffer.from(formToken(secret))
  const actual = Buffer.from(presented)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}
