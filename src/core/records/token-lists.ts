import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { containing } from './pages.ts'

export interface TokenFilter {
  /** Left out: everybody's. */
  readonly userId?: number | undefined
  readonly revoked?: boolean | undefined
  /** Active: neither revoked nor expired. */
  readonly active?: boolean | undefined
  readonly search?: string | undefined
  readonly now: number
}

/** Personal tokens by number; to be paged by who asks. */
export function tokenList(db: Db, { userId, revoked, active, search, now }: TokenFilter) {
  let query = db.selectFrom('tokens').selectAll('tokens').where('kind', '=', 'personal').orderBy('tokens.id')
  if (userId !== undefined) query = query.where('user_id', '=', userId)
  if (revoked !== undefined) query = query.where('revoked_at', revoked ? 'is not' : 'is', null)
  if (search) query = query.where(sql`lower(name)`, 'like', sql`${containing(search)} escape '\\'`)
  if (active === undefined) return query
  return query.where((eb) => {
    const isActive = eb.and([
      eb('revoked_at', 'is', null),
      eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]),
    ])
    return active ? isActive : eb.not(isActive)
  })
}
