/** From a person as the provider names them to a session of one of our users. */
import type { SsoConfig } from '../../../config/config.ts'
import type { Db } from '../../../database/database.ts'
import type { UserRow } from '../../../database/schema.ts'
import { forbidden } from '../../../lib/problem.ts'
import type { Core } from '../../core.ts'
import { recordEvent, type Origin } from '../../records/events.ts'
import { freeUsername } from '../../records/free-username.ts'
import { confirmSubject, linkSubject, userOfSubject } from '../../records/identities.ts'
import { findUser, updateUser } from '../../records/users.ts'
import { addUser } from '../new-user.ts'
import { useLink } from '../one-time-links.ts'
import { startSession } from '../sessions.ts'
import { usernameFrom } from './claims.ts'
import { applyGroupRoles } from './group-roles.ts'
import type { SignedInPerson } from './provider.ts'

/** Someone whom the provider let in. */
export interface Arrival {
  readonly person: SignedInPerson
  /** The invitation they accept by it: it says which user they are. */
  readonly invitation?: string | undefined
}

/**
 * Signs a person in and brings their roles up to date. They are the user whom issuer and subject were linked to
 * before, else the one who was invited, else a new one; never one who happens to have the same name or e-mail address.
 * Returns the session's secret.
 * @throws Problem 403 for a blocked user, or for a stranger where users are not made; 404 for a used invitation.
 */
export async function signInPerson(
  core: Core,
  sso: SsoConfig,
  { person, invitation }: Arrival,
  origin: Origin,
): Promise<string> {
  const now = core.clock()
  const { session, missing } = await core.database.write(async (db) => {
    const user = await userOf(db, sso, { person, invitation }, origin, now)
    if (user.state !== 'active') {
      core.refusals.noteSignIn(user, origin)
      throw forbidden('your account is blocked; ask an administrator')
    }
    const own = { ...origin, userId: user.id, actor: user.username }
    await confirmSubject(db, person, now)
    await applyAdmin(db, sso, user, person, own, now)
    const unknown = await applyGroupRoles(db, user.id, person.groups, sso, own, now)
    return { session: await startSession(db, user, own, now), missing: unknown }
  })
  if (missing.length > 0) core.log.warn({ groups: missing }, 'sso.group_roles names groups that do not exist')
  return session
}

async function userOf(
  db: Db,
  sso: SsoConfig,
  { person, invitation }: Arrival,
  origin: Origin,
  now: number,
): Promise<UserRow> {
  const known = await userOfSubject(db, person)
  if (known) return known
  const invited = invitation === undefined ? undefined : await invitedUser(db, invitation, now)
  if (!invited && !sso.createUsers) {
    throw forbidden('you have no account here; ask an administrator for an invitation')
  }
  const user = invited ?? (await newUser(db, person, origin, now))
  await linkSubject(db, person, user.id, now)
  const { issuer, subject } = person
  const detail = { user: user.id, username: user.username, issuer, subject }
  await recordEvent(db, 'user.linked', { ...origin, userId: user.id, actor: user.username }, { detail }, now)
  return user
}

async function invitedUser(db: Db, invitation: string, now: number): Promise<UserRow | undefined> {
  const { userId } = await useLink(db, invitation, 'invitation', now)
  return userId === null ? undefined : findUser(db, userId)
}

async function newUser(db: Db, person: SignedInPerson, origin: Origin, now: number): Promise<UserRow> {
  const username = await freeUsername(db, usernameFrom(person.username))
  return addUser(db, { username, name: person.name }, origin, now)
}

/** Where the provider says who administrates, it says so of everyone who comes from there. */
async function applyAdmin(
  db: Db,
  { adminGroup }: SsoConfig,
  user: UserRow,
  { groups }: SignedInPerson,
  origin: Origin,
  now: number,
): Promise<void> {
  if (adminGroup === undefined) return
  const admin = groups.includes(adminGroup)
  if (admin === (user.admin === 1)) return
  await updateUser(db, user, { admin })
  const detail = { user: user.id, username: user.username, admin, source: 'sso' }
  await recordEvent(db, 'user.changed', origin, { detail }, now)
}
