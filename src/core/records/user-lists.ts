import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { containing } from './pages.ts'

export interface UserFilter {
  readonly username?: string | undefined
  /** Part of the user name or the name, compared case-insensitively. */
  readonly search?: string | undefined
}

/** Users by number; to be paged by who asks. */
export function userList(db: Db, { username, search }: UserFilter) {
  let query = db.selectFrom('users').selectAll('users').orderBy('users.id')
  if (username !== undefined) query = query.where('username_key', '=', username.toLowerCase())
  if (search) {
    const pattern = sql<string>`${containing(search)} escape '\\'`
    query = query.where((eb) =>
      eb.or([eb('username_key', 'like', pattern), eb(sql`lower(name)`, 'like', pattern)]),
    )
  }
  return query
}

/** The users behind the direct members of a group or project, by user number; to be paged by who asks. */
export function memberUsers(
  db: Db,
  of: { readonly group_id: number } | { readonly project_id: number },
  search: string | undefined,
) {
  let query = db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .selectAll('users')
    .select(['members.role', 'members.created_at as joined_at', 'members.expires_at'])
    .orderBy('users.id')
  query =
    'group_id' in of
      ? query.where('members.group_id', '=', of.group_id)
      : query.where('members.project_id', '=', of.project_id)
  if (!search) return query
  const pattern = sql<string>`${containing(search)} escape '\\'`
  return query.where((eb) =>
    eb.or([eb('users.username_key', 'like', pattern), eb(sql`lower(users.name)`, 'like', pattern)]),
  )
}
