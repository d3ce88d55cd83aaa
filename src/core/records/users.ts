import type { Db } from '../../database/database.ts'
import type { UserRow } from '../../database/schema.ts'
import { conflict, invalid } from '../../lib/problem.ts'

const usernameRule = /^[a-zA-Z0-9_](?:[a-zA-Z0-9_.-]{0,253}[a-zA-Z0-9_])?$/

export interface NewUser {
  readonly username: string
  readonly name?: string | undefined
  readonly passwordHash?: string | null
  readonly admin?: boolean | undefined
}

/** Adds a person. Throws 400 for a bad user name and 409 if it is taken (compared case-insensitively). */
export async function createUser(db: Db, user: NewUser, now: number): Promise<UserRow> {
  const key = await freeKey(db, user.username)
  return db
    .insertInto('users')
    .values({
      username: user.username,
      username_key: key,
      name: user.name || user.username,
      password_hash: user.passwordHash ?? null,
      admin: user.admin ? 1 : 0,
      state: 'active',
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** What user names are compared by. Throws 400 for a bad one, and 409 if another user than `own` has it. */
async function freeKey(db: Db, username: string, own?: number): Promise<string> {
  if (!usernameRule.test(username)) {
    throw invalid(
      'username may hold letters, digits, "_", "." and "-", and neither starts nor ends with "." or "-"',
    )
  }
  const key = username.toLowerCase()
  const taken = await db.selectFrom('users').select('id').where('username_key', '=', key).executeTakeFirst()
  if (taken && taken.id !== own) throw conflict(`the username ${username} is taken`)
  return key
}

export interface UserChange {
  readonly username?: string | undefined
  readonly name?: string | undefined
  readonly admin?: boolean | undefined
  readonly state?: UserRow['state'] | undefined
}

/** Changes what is given of a user. Throws as `createUser`. */
export async function updateUser(db: Db, user: UserRow, change: UserChange): Promise<UserRow> {
  const { username = user.username, name = user.name, admin = user.admin === 1, state = user.state } = change
  return db
    .updateTable('users')
    .set({
      username,
      username_key: await freeKey(db, username, user.id),
      name,
      admin: admin ? 1 : 0,
      state,
    })
    .where('id', '=', user.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Forgets a user, with their memberships, sessions, tokens and links; what they published stays, by nobody. */
export async function deleteUser(db: Db, id: number): Promise<void> {
  await db.deleteFrom('users').where('id', '=', id).execute()
}

/** Whether nobody else can administrate. */
export async function isOnlyAdministrator(db: Db, user: UserRow): Promise<boolean> {
  if (user.admin !== 1 || user.state !== 'active') return false
  const other = await db
    .selectFrom('users')
    .select('id')
    .where('admin', '=', 1)
    .where('state', '=', 'active')
    .where('id', '<>', user.id)
    .limit(1)
    .executeTakeFirst()
  return other === undefined
}

export function findUser(db: Db, id: number): Promise<UserRow | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
}

export function findUserByName(db: Db, username: string): Promise<UserRow | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where('username_key', '=', username.toLowerCase())
    .executeTakeFirst()
}

export async function setPasswordHash(db: Db, id: number, hash: string): Promise<void> {
  await db.updateTable('users').set({ password_hash: hash }).where('id', '=', id).execute()
}

/** Whether anyone can administrate yet. */
export async function hasAdministrator(db: Db): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where('admin', '=', 1).limit(1).executeTakeFirst()
  return row !== undefined
}
