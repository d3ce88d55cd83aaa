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
  if (!usernameRule.test(user.username)) {
    throw invalid(
      'username may hold letters, digits, "_", "." and "-", and neither starts nor ends with "." or "-"',
    )
  }
  const key = user.username.toLowerCase()
  const taken = await db.selectFrom('users').select('id').where('username_key', '=', key).executeTakeFirst()
  if (taken) throw conflict(`the username ${user.username} is taken`)
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
