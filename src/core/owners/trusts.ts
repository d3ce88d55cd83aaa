/** Making, changing and dropping trusts: which CI jobs a group or project believes. */
import type { Db } from '../../database/database.ts'
import type { TrustRow } from '../../database/schema.ts'
import { isIssuer } from '../../lib/issuer.ts'
import { forbidden, invalid } from '../../lib/problem.ts'
import { roles } from '../access/rights.ts'
import { checkConditions, type Conditions } from '../access/trusts/conditions.ts'
import type { Core } from '../core.ts'
import {
  countTrusts,
  deleteTrust,
  findTrust,
  insertTrust,
  revokeTokensOfTrust,
  updateTrust,
  type TrustValues,
} from '../records/trusts.ts'
import type { Acting } from './acting.ts'
import { found, manage, recordAt } from './manage.ts'
import { demandManagement, memberOf, type Owned } from './members.ts'

/** All of them are judged at an exchange that does not say which. */
const mostTrusts = 100
const mostPatterns = 100

export interface TrustWish {
  readonly name: string
  readonly issuer: string
  readonly conditions: Conditions
  readonly role: number
  readonly scopes: readonly string[]
  /** Patterns of the names that its jobs may write; null: all. */
  readonly namePatterns: readonly string[] | null
}

/**
 * Adds a trust.
 * @throws Problem 401, 403 or 404 where the caller may not, 403 for a role above the caller's own; 400 for an issuer
 * that may not be trusted, or conditions that do not say whose jobs are meant.
 */
export async function addTrust(acting: Acting, owned: Owned, wish: TrustWish): Promise<TrustRow> {
  checkWish(acting.core, wish, await highestRole(acting, owned))
  const { core, origin } = acting
  const now = core.clock()
  const of = memberOf(owned)
  return core.database.write(async (db) => {
    if ((await countTrusts(db, of)) >= mostTrusts) throw invalid(`there are at most ${mostTrusts} trusts`)
    const row = await insertTrust(db, of, valuesOf(wish), origin.userId, now)
    await record(db, acting, owned, 'trust.created', row)
    return row
  })
}

/** Changes a trust; what is left out stays. Another issuer or other conditions end its jobs' tokens. Throws as `addTrust`. */
export async function changeTrust(
  acting: Acting,
  owned: Owned,
  id: number,
  change: Partial<TrustWish>,
): Promise<TrustRow> {
  const highest = await highestRole(acting, owned)
  return acting.core.database.write(async (db) => {
    const before = await existing(db, owned, id)
    if (before.role > highest) throw tooHigh()
    const wish = { ...wishOf(before), ...change }
    checkWish(acting.core, wish, highest)
    const row = await updateTrust(db, id, valuesOf(wish))
    const isOther = row.issuer !== before.issuer || row.conditions !== before.conditions
    if (isOther) await revokeTokensOfTrust(db, id, acting.core.clock())
    await record(db, acting, owned, 'trust.changed', row)
    return row
  })
}

/** Drops a trust and ends the tokens of its jobs. Throws as `changeTrust`. */
export async function dropTrust(acting: Acting, owned: Owned, id: number): Promise<void> {
  await manage(acting, owned, async (db) => {
    const row = await existing(db, owned, id)
    await revokeTokensOfTrust(db, id, acting.core.clock())
    await deleteTrust(db, id)
    await record(db, acting, owned, 'trust.deleted', row)
  })
}

/** The highest role that the caller may let jobs have. Throws as `addTrust`. */
const highestRole = async (acting: Acting, owned: Owned): Promise<number> =>
  Math.min(roles.maintainer, await demandManagement(acting, owned))

async function existing(db: Db, owned: Owned, id: number): Promise<TrustRow> {
  return found(await findTrust(db, memberOf(owned), id), 'Trust')
}

const tooHigh = () =>
  forbidden('403 Forbidden - a trust gives at most your own role, and maintainer (40) at most')

function checkWish(
  core: Core,
  { issuer, conditions, role, scopes, namePatterns }: TrustWish,
  highest: number,
) {
  if (role > highest) throw tooHigh()
  checkIssuer(core, issuer)
  checkConditions(conditions)
  if (scopes.length === 0) throw invalid('scopes is empty')
  if (namePatterns === null) return
  if (namePatterns.length === 0 || namePatterns.length > mostPatterns) {
    throw invalid(`name_patterns must hold 1 to ${mostPatterns} patterns, or be null`)
  }
}

function checkIssuer({ issuers }: Core, issuer: string): void {
  if (!isIssuer(issuer)) throw invalid('issuer must be a URL, as it stands in the ID tokens')
  if (issuer.startsWith('https:') || issuers.isInternal(issuer)) return
  throw invalid(
    'issuer must begin with https, unless an administrator lists it under trusts.internal_issuers',
  )
}

function wishOf(row: TrustRow): TrustWish {
  return {
    name: row.name,
    issuer: row.issuer,
    conditions: JSON.parse(row.conditions) as Conditions,
    role: row.role,
    scopes: row.scopes.split(' '),
    namePatterns: row.name_patterns === null ? null : (JSON.parse(row.name_patterns) as string[]),
  }
}

function valuesOf({ name, issuer, conditions, role, scopes, namePatterns }: TrustWish): TrustValues {
  return {
    name,
    issuer,
    conditions: JSON.stringify(conditions),
    role,
    scopes: [...new Set(scopes)].join(' '),
    name_patterns: namePatterns === null ? null : JSON.stringify(namePatterns),
  }
}

function record(
  db: Db,
  acting: Acting,
  owned: Owned,
  kind: 'trust.created' | 'trust.changed' | 'trust.deleted',
  { id, name, issuer, role }: TrustRow,
): Promise<void> {
  return recordAt(db, acting, owned, kind, { detail: { trust: id, name, issuer, role } })
}
