/** What administrators do to users. Every function throws Problem 401 or 403 for others, and 404 for an unknown user. */
import type { Db } from '../../database/database.ts'
import type { UserRow } from '../../database/schema.ts'
import { forbidden, notFound } from '../../lib/problem.ts'
import type { Acting } from '../owners/acting.ts'
import { recordEvent, type EventKind } from '../records/events.ts'
import { deleteSessionsOf } from '../records/sessions.ts'
import { revokeTokensOf } from '../records/tokens.ts'
import { deleteUser, findUser, isOnlyAdministrator, updateUser, type UserChange } from '../records/users.ts'
import { demand } from './authorize.ts'
import { changePassword } from './change-password.ts'
import { dropLinksOf, invitationLink } from './one-time-links.ts'
import { checkPassword, hashPassword } from './password.ts'

/**
 * Changes what is given of a user; another password signs them out everywhere.
 * @throws Problem 400 for a bad user name or password, 409 for a user name that is taken, 403 if nobody would be
 * administrator any more.
 */
export async function changeUser(
  acting: Acting,
  id: number,
  { password, ...change }: Omit<UserChange, 'state'> & { readonly password?: string | undefined },
): Promise<UserRow> {
  if (password !== undefined) checkPassword(password)
  await demandAdministrator(acting)
  const passwordHash = password === undefined ? undefined : await hashPassword(password)
  const { origin, core } = acting
  return toUser(acting, id, async (db, user) => {
    if (change.admin === false) await keepAnAdministrator(db, user)
    const changed = await updateUser(db, user, change)
    if (passwordHash !== undefined) await changePassword(db, user, passwordHash, origin, core.clock())
    const isOther = Object.values(change).some((value) => value !== undefined)
    if (isOther) await record(db, acting, 'user.changed', user, change)
    return changed
  })
}

/** Ends a user's sessions, tokens and one-time links at once and lets them in no more. Throws 403 for the last administrator. */
export async function blockUser(acting: Acting, id: number): Promise<void> {
  await demandAdministrator(acting)
  await toUser(acting, id, async (db, user) => {
    if (user.state === 'blocked') return
    await keepAnAdministrator(db, user)
    await deleteSessionsOf(db, id)
    await dropLinksOf(db, id)
    const tokens = await revokeTokensOf(db, id, acting.core.clock())
    await updateUser(db, user, { state: 'blocked' })
    await record(db, acting, 'user.blocked', user, { tokens })
  })
}

/** Lets a blocked user in again; sessions and tokens stay ended. */
export async function unblockUser(acting: Acting, id: number): Promise<void> {
  await demandAdministrator(acting)
  await toUser(acting, id, async (db, user) => {
    if (user.state === 'active') return
    await updateUser(db, user, { state: 'active' })
    await record(db, acting, 'user.unblocked', user)
  })
}

/** Forgets a user with roles, sessions and tokens; what they published stays. Throws 403 for the last administrator. */
export async function removeUser(acting: Acting, id: number): Promise<void> {
  await demandAdministrator(acting)
  await toUser(acting, id, async (db, user) => {
    await keepAnAdministrator(db, user)
    await deleteUser(db, id)
    await record(db, acting, 'user.deleted', user)
  })
}

/** A fresh address at which an active user chooses a password. Throws 403 for a blocked one. */
export async function makePasswordLink(acting: Acting, id: number): Promise<string> {
  await demandAdministrator(acting)
  const { config, clock } = acting.core
  return toUser(acting, id, async (db, user) => {
    if (user.state !== 'active') throw forbidden('403 Forbidden - the user is blocked')
    await record(db, acting, 'user.link_made', user)
    return invitationLink(db, config.publicUrl, id, clock())
  })
}

function demandAdministrator({ core, generation, principal }: Acting): Promise<void> {
  return demand(core, generation, principal, 'admin_instance', { kind: 'instance' })
}

function toUser<T>({ core }: Acting, id: number, work: (db: Db, user: UserRow) => Promise<T>): Promise<T> {
  return core.database.write(async (db) => {
    const user = await findUser(db, id)
    if (!user) throw notFound('404 User Not Found')
    return work(db, user)
  })
}

async function keepAnAdministrator(db: Db, user: UserRow): Promise<void> {
  if (!(await isOnlyAdministrator(db, user))) return
  throw forbidden('403 Forbidden - this is the last active administrator')
}

function record(
  db: Db,
  { core, origin }: Acting,
  kind: EventKind,
  { id, username }: UserRow,
  more: object = {},
): Promise<void> {
  return recordEvent(db, kind, origin, { detail: { user: id, username, ...more } }, core.clock())
}
