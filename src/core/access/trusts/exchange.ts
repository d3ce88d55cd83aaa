/** A CI job exchanges the ID token of its issuer for a token of ours that lives shortly. */
import type { Db } from '../../../database/database.ts'
import type { TrustRow } from '../../../database/schema.ts'
import { Problem } from '../../../lib/problem.ts'
import type { Core } from '../../core.ts'
import type { Origin } from '../../records/events.ts'
import { isTrusted, trustsOfIssuer, type PlacedTrust, type TrustOf } from '../../records/trusts.ts'
import { matchesPattern } from '../patterns.ts'
import { grantToken, type MadeToken } from '../token-life.ts'
import { isMet, type Conditions } from './conditions.ts'
import { leeway, printable, readClaims, refused, verifyIdToken, type IdToken } from './id-token.ts'

const hour = 3_600_000

/** A name that the job is about to write; chooses between trusts that all let it in. */
export interface NameAhead {
  readonly format: string
  /** Normalised. */
  readonly key: string
  /** Path of the group or project that the name must belong to, where the format has such a convention. */
  readonly owner?: string | undefined
}

export interface ExchangeWish {
  readonly idToken: string
  /** The token stands there or above. Left out: anywhere. `none`: what was asked for is not there. */
  readonly of?: TrustOf | 'none' | undefined
  readonly trustId?: number | undefined
  readonly name?: NameAhead | undefined
  /** An audience beside our public URL that the token may be made for. */
  readonly audience?: string | undefined
}

export interface Exchanged extends MadeToken {
  readonly trust: TrustRow
  /** As the job is shown: `job:<issuer>:<subject>`. */
  readonly username: string
}

/**
 * Exchanges an ID token, once. It is the same to the caller whether what was asked for is missing or does not trust.
 * @throws Problem 401 saying what is wrong with the token, or that no trust lets it in, 429 after too many of those; 503
 * without the issuer's keys.
 */
export async function exchangeIdToken(core: Core, wish: ExchangeWish, origin: Origin): Promise<Exchanged> {
  try {
    return await exchange(core, wish, origin)
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      core.limits.invalidCredential(origin.address ?? '', wish.idToken)
    }
    throw error
  }
}

async function exchange(core: Core, wish: ExchangeWish, origin: Origin): Promise<Exchanged> {
  const idToken = await verifiedToken(core, wish)
  const trusts = wish.of === 'none' ? [] : await trustsOfIssuer(core.database.read, idToken.issuer, wish.of)
  const matching = trusts.filter((trust) => lets(trust, idToken, wish))
  const trust = await chosen(core, matching, wish)
  if (!trust) throw refused(`no trust lets ${shown(idToken)} in; a maintainer can try a token on a trust`)
  return core.database.write((db) => issue(db, { trust, idToken, origin, now: core.clock() }))
}

/** As shown: the first word is ours, so that nobody is called like a user. */
export const shown = ({ issuer, subject }: Pick<IdToken, 'issuer' | 'subject'>) => `job:${issuer}:${subject}`

async function verifiedToken(core: Core, { idToken, audience }: ExchangeWish): Promise<IdToken> {
  const { iss } = await readClaims(idToken)
  // Nobody makes this server ask an address that no maintainer wrote down.
  if (!(await isTrusted(core.database.read, iss))) {
    throw refused(`nobody here trusts the issuer ${printable(iss)}`)
  }
  const { publicUrl } = core.config
  return verifyIdToken(core, idToken, audience === undefined ? [publicUrl] : [publicUrl, audience])
}

function lets(trust: PlacedTrust, { claims }: IdToken, { trustId, name }: ExchangeWish): boolean {
  if (trustId !== undefined && trust.id !== trustId) return false
  if (!isMet(JSON.parse(trust.conditions) as Conditions, claims)) return false
  const patterns = trust.name_patterns === null ? undefined : (JSON.parse(trust.name_patterns) as string[])
  return !patterns || !name || patterns.some((pattern) => matchesPattern(pattern, name.key))
}

/** The nearest, unless the name says otherwise: who owns it comes first, then whose path it must begin with. */
async function chosen(
  { database }: Core,
  trusts: readonly PlacedTrust[],
  { name }: ExchangeWish,
): Promise<PlacedTrust | undefined> {
  if (trusts.length < 2 || !name) return trusts[0]
  const owners = await database.read
    .selectFrom('names')
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .select(['names.project_id', 'group_tree.ancestor_id'])
    .where('names.format', '=', name.format)
    .where('names.key', '=', name.key)
    .execute()
  const holds = ({ project_id: project, group_id: group }: PlacedTrust) =>
    owners.some((owner) => owner.project_id === project || owner.ancestor_id === group)
  const isBelow = ({ home_path: home }: PlacedTrust) =>
    name.owner !== undefined && (home === name.owner || home.startsWith(`${name.owner}/`))
  return trusts.find(holds) ?? trusts.find(isBelow) ?? trusts[0]
}

interface Issuing {
  readonly trust: TrustRow
  readonly idToken: IdToken
  readonly origin: Origin
  readonly now: number
}

async function issue(db: Db, { trust, idToken, origin, now }: Issuing): Promise<Exchanged> {
  const { fingerprint, expiresAt } = idToken
  const isNew = await db
    .insertInto('used_id_tokens')
    .values({ hash: fingerprint, expires_at: expiresAt + leeway * 1000 + hour })
    .onConflict((conflict) => conflict.doNothing())
    .returning('hash')
    .executeTakeFirst()
  if (!isNew) throw refused('it was exchanged before; ask the issuer for a new one')
  if (expiresAt <= now) throw refused('it has expired')
  await refuseIfChanged(db, trust)
  const username = shown(idToken)
  const { group_id, project_id } = trust
  const made = await grantToken(
    db,
    {
      owner: { kind: 'job', trust_id: trust.id, group_id, project_id, username },
      name: trust.name,
      scopes: trust.scopes.split(' '),
      expiresAt: Math.min(expiresAt, now + hour),
    },
    { ...origin, actor: username },
    now,
  )
  return { ...made, trust, username }
}

/** The trust was judged outside of the transaction. */
async function refuseIfChanged(db: Db, { id, issuer, conditions }: TrustRow): Promise<void> {
  const now = await db
    .selectFrom('trusts')
    .select('id')
    .where('id', '=', id)
    .where('issuer', '=', issuer)
    .where('conditions', '=', conditions)
    .executeTakeFirst()
  if (!now) throw refused('the trust has just been changed')
}
