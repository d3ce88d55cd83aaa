import { findUserByName } from '../core/records/users.ts'
import type { Db } from '../database/database.ts'
import type { UserRow } from '../database/schema.ts'
import { StartRefused } from '../lib/start-refused.ts'

/** The user of this name. Throws one line that says there is none. */
export async function userNamed(db: Db, username: string): Promise<UserRow> {
  const user = await findUserByName(db, username)
  if (user) return user
  throw new StartRefused(`there is no user ${username}; add them with \`entrepot user create ${username}\``)
}
