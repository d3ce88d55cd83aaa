import type { Db } from '../../database/database.ts'
import type { TrustRow } from '../../database/schema.ts'

/** Where a trust stands. */
export type TrustOf = { readonly group_id: number } | { readonly project_id: number }
/** What a trust says, as its columns keep it. */
export type TrustValues = Pick<
  TrustRow,
  'name' | 'issuer' | 'conditions' | 'role' | 'scopes' | 'name_patterns'
>

/** The trusts of a group or project itself; to be ordered or narrowed by who asks. */
export function trustsOf(db: Db, of: TrustOf) {
  const trusts = db.selectFrom('trusts')
  return 'group_id' in of
    ? trusts.where('group_id', '=', of.group_id)
    : trusts.where('project_id', '=', of.project_id)
}

export function findTrust(db: Db, of: TrustOf, id: number): Promise<TrustRow | undefined> {
  return trustsOf(db, of).selectAll().where('id', '=', id).executeTakeFirst()
}

export async function countTrusts(db: Db, of: TrustOf): Promise<number> {
  const { count } = await trustsOf(db, of)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

export function insertTrust(
  db: Db,
  of: TrustOf,
  values: TrustValues,
  createdBy: number | null,
  now: number,
): Promise<TrustRow> {
  return db
    .insertInto('trusts')
    .values({ group_id: null, project_id: null, ...of, ...values, created_by: createdBy, created_at: now })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function updateTrust(db: Db, id: number, values: TrustValues): Promise<TrustRow> {
  return db.updateTable('trusts').set(values).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
}

export async function deleteTrust(db: Db, id: number): Promise<void> {
  await db.deleteFrom('trusts').where('id', '=', id).execute()
}

/** Ends the tokens of all jobs that came in by the trust. */
export async function revokeTokensOfTrust(db: Db, id: number, now: number): Promise<void> {
  await db
    .updateTable('tokens')
    .set({ revoked_at: now })
    .where('trust_id', '=', id)
    .where('revoked_at', 'is', null)
    .execute()
}

/** Whether anybody on this server trusts the issuer. */
export async function isTrusted(db: Db, issuer: string): Promise<boolean> {
  const found = await db.selectFrom('trusts').select('id').where('issuer', '=', issuer).executeTakeFirst()
  return found !== undefined
}

/** More trusts of one issuer than anybody can mean without saying which. */
const mostTrusts = 5000

/** A trust with the group it stands on or in, and how deep that is. */
export type PlacedTrust = TrustRow & { readonly home_id: number; readonly home_path: string }

/**
 * The trusts of an issuer that stand on what is not deleted; `of`: on that project or group, or on a group above it.
 * The nearest first: projects' before groups', deep ones before those above, then by number.
 */
export async function trustsOfIssuer(db: Db, issuer: string, of?: TrustOf): Promise<PlacedTrust[]> {
  let query = db
    .selectFrom('trusts')
    .leftJoin('projects', 'projects.id', 'trusts.project_id')
    .innerJoin('groups', (join) =>
      join.on((eb) => eb('groups.id', '=', eb.fn.coalesce('trusts.group_id', 'projects.group_id'))),
    )
    .selectAll('trusts')
    .select(['groups.id as home_id', 'groups.full_path as home_path'])
    .where('issuer', '=', issuer)
    .where('groups.deleted_at', 'is', null)
    .where('projects.deleted_at', 'is', null)
  if (of) {
    query = query.where((eb) =>
      'project_id' in of
        ? eb.or([
            eb('trusts.project_id', '=', of.project_id),
            eb('trusts.group_id', 'in', (above) =>
              above
                .selectFrom('projects as asked')
                .innerJoin('group_tree', 'group_tree.group_id', 'asked.group_id')
                .select('ancestor_id')
                .where('asked.id', '=', of.project_id),
            ),
          ])
        : eb('trusts.group_id', 'in', (above) =>
            above.selectFrom('group_tree').select('ancestor_id').where('group_id', '=', of.group_id),
          ),
    )
  }
  const rows = await query.orderBy('trusts.id').limit(mostTrusts).execute()
  const depth = (one: PlacedTrust) => (one.project_id === null ? one.home_path.split('/').length : Infinity)
  return rows.toSorted((a, b) => (depth(a) === depth(b) ? a.id - b.id : depth(a) > depth(b) ? -1 : 1))
}
