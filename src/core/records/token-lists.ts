import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { TokenRow } from '../../database/schema.ts'
import type { MemberOf } from './members.ts'
import { containing } from './pages.ts'

export interface TokenFilter {
  readonly kind: TokenRow['kind']
  /** Where they stand; left out: everywhere. */
  readonly of?: MemberOf
  /** Left out: everybody's. */
  readonly userId?: number | undefined
  readonly revoked?: boolean | undefined
  /** Active: neither revoked nor expired. */
  readonly active?: boolean | undefined
  readonly search?: string | undefined
  readonly now: number
}

/** Tokens by number; to be paged by who asks. */
export function tokenList(db: Db, { kind, of, userId, revoked, active, search, now }: TokenFilter) {
  let query = db.selectFrom('tokens').selectAll('tokens').where('kind', '=', kind).orderBy('tokens.id')
  if (of && 'group_id' in of) query = query.where('group_id', '=', of.group_id)
  if (of && 'project_id' in of) query = query.where('project_id', '=', of.project_id)
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
