/** Tokens that stand on a group or project: access tokens, which have a role, and deploy tokens, which pull and push. */
import type { Db } from '../../database/database.ts'
import type { TokenRow } from '../../database/schema.ts'
import { forbidden, invalid, notFound } from '../../lib/problem.ts'
import type { Acting } from '../owners/acting.ts'
import { manage } from '../owners/manage.ts'
import { demandManagement, memberOf, type Owned } from '../owners/members.ts'
import { findToken, nameToken, type TokenOwner } from '../records/tokens.ts'
import { jobUsername } from './carriers.ts'
import type { Scope } from './principal.ts'
import { roles } from './rights.ts'
import { endToken, grantToken, replaceToken, type Grant, type MadeToken } from './token-life.ts'

export type OwnedKind = 'access' | 'deploy'

export interface OwnedTokenWish extends Omit<Grant, 'owner'> {
  /** Of an access token. Default: maintainer. */
  readonly role?: number | undefined
  /** Of a deploy token. Left out: `entrepot+deploy-token-<id>`. */
  readonly username?: string | undefined
}

export const deployScopes: readonly Scope[] = ['read_package_registry', 'write_package_registry']

/** What the `kind` column says of tokens that stand there. */
export const ownedTokenKind = (owned: Owned, kind: OwnedKind): TokenRow['kind'] =>
  kind === 'deploy' ? 'deploy' : owned.kind

/**
 * Makes a token.
 * @throws Problem 401, 403 or 404 where the caller may not; 403 for a role above the caller's own, or an access token asked
 * for by a token that stands for no person; 400 as `grantToken`, or for a bad user name.
 */
export async function issueOwnedToken(
  acting: Acting,
  owned: Owned,
  kind: OwnedKind,
  wish: OwnedTokenWish,
): Promise<MadeToken> {
  const { core, origin } = acting
  const highest = await demandManagement(acting, owned)
  const { name, scopes, expiresAt, username } = wish
  if (username !== undefined) checkUsername(username)
  const role = kind === 'deploy' ? deployRole(scopes) : (wish.role ?? roles.maintainer)
  checkMaker(acting, kind, role, highest)
  const standing = { kind: ownedTokenKind(owned, kind), ...memberOf(owned) }
  const owner: TokenOwner = { ...standing, role, username: username ?? null }
  const grant = { owner, name, scopes, expiresAt }
  const now = core.clock()
  return core.database.write(async (db) => {
    if (kind === 'access') return grantToken(db, grant, origin, now)
    const { text, row } = await grantToken(db, grant, origin, now, deployScopes)
    if (username !== undefined) return { text, row }
    return { text, row: await nameToken(db, row.id, `entrepot+deploy-token-${row.id}`) }
  })
}

const deployRole = (scopes: readonly string[]) =>
  scopes.includes('write_package_registry') ? roles.developer : roles.reporter

function checkUsername(username: string): void {
  if (username === jobUsername) throw invalid(`username ${jobUsername} is for job tokens`)
  if (/^[a-zA-Z0-9_.+-]{1,255}$/.test(username)) return
  throw invalid('username may hold letters, digits, "_", ".", "+" and "-"')
}

function checkMaker({ principal }: Acting, kind: OwnedKind, role: number, highest: number): void {
  // Or a leaked token would outlive itself.
  if (kind === 'access' && principal.kind !== 'user')
    throw forbidden("403 Forbidden - this needs a person's token")
  if (role > highest) throw forbidden('403 Forbidden - nobody makes a token with a role above their own')
}

/** Makes a token worthless. Throws as `issueOwnedToken`; 404 if there is none. */
export async function withdrawOwnedToken(
  acting: Acting,
  owned: Owned,
  kind: OwnedKind,
  id: number,
): Promise<void> {
  const { core, origin } = acting
  await manage(acting, owned, async (db) =>
    endToken(db, await ownedToken(db, owned, kind, id), origin, core.clock()),
  )
}

/** Puts a new token in the place of one. Throws as `issueOwnedToken`; 404 if there is none; 400 as `replaceToken`. */
export async function rotateOwnedToken(
  acting: Acting,
  owned: Owned,
  kind: OwnedKind,
  { id, expiresAt }: { readonly id: number; readonly expiresAt: number | undefined },
): Promise<MadeToken> {
  const { core, origin } = acting
  const highest = await demandManagement(acting, owned)
  return core.database.write(async (db) => {
    const token = await ownedToken(db, owned, kind, id)
    checkMaker(acting, kind, token.role ?? roles.none, highest)
    return replaceToken(db, token, expiresAt, origin, core.clock())
  })
}

/** A token that stands just there. Throws 404 if there is none. Who may ask is the caller's matter. */
export async function ownedToken(db: Db, owned: Owned, kind: OwnedKind, id: number): Promise<TokenRow> {
  const token = await findToken(db, id)
  const of = memberOf(owned)
  const isThere = 'group_id' in of ? token?.group_id === of.group_id : token?.project_id === of.project_id
  if (!token || !isThere || token.kind !== ownedTokenKind(owned, kind)) throw notFound('404 Token Not Found')
  return token
}
