import type { UserRow } from '../../database/schema.ts'
import type { Acting } from '../owners/acting.ts'
import { demand } from './authorize.ts'
import { addUser } from './new-user.ts'
import { invitationLink } from './one-time-links.ts'

/** A user who was just made, with the address at which they take up their account. */
export interface Invited {
  readonly user: UserRow
  readonly link: string
}

/**
 * Makes a user without a password, and a link to give them.
 * @throws Problem 401 or 403 for callers who are no administrators, 400 for a bad user name, 409 if it is taken.
 */
export async function inviteUser(
  acting: Acting,
  wish: { readonly username: string; readonly name?: string | undefined; readonly admin?: boolean },
): Promise<Invited> {
  const { core, generation, principal, origin } = acting
  await demand(core, generation, principal, 'admin_instance', { kind: 'instance' })
  const now = core.clock()
  return core.database.write(async (db) => {
    const user = await addUser(db, { ...wish, passwordHash: null }, origin, now)
    return { user, link: await invitationLink(db, core.config.publicUrl, user.id, now) }
  })
}
