import type { Db } from '../../database/database.ts'

/** Path to sha256 of what a removed version held. */
export type RemovedDigests = Readonly<Record<string, string>>

/** Remembers a removed version; what an earlier removal remembered stays. */
export async function addTombstone(
  db: Db,
  at: { readonly nameId: number; readonly version: string; readonly versionKey: string },
  digests: RemovedDigests,
  now: number,
): Promise<void> {
  const merged = { ...(await findTombstone(db, at.nameId, at.versionKey)), ...digests }
  const values = { digests: JSON.stringify(merged), removed_at: now }
  await db
    .insertInto('tombstones')
    .values({ name_id: at.nameId, version: at.version, version_key: at.versionKey, ...values })
    .onConflict((c) => c.columns(['name_id', 'version_key']).doUpdateSet(values))
    .execute()
}

export async function findTombstone(
  db: Db,
  nameId: number,
  versionKey: string,
): Promise<RemovedDigests | undefined> {
  const row = await db
    .selectFrom('tombstones')
    .select('digests')
    .where('name_id', '=', nameId)
    .where('version_key', '=', versionKey)
    .executeTakeFirst()
  return row && (JSON.parse(row.digests) as RemovedDigests)
}

/** Versions of the name that are gone, oldest removal first. */
export async function removedVersions(db: Db, nameId: number): Promise<{ version: string; at: Date }[]> {
  const rows = await db
    .selectFrom('tombstones')
    .select(['version', 'removed_at'])
    .where('name_id', '=', nameId)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('packages')
            .select('packages.id')
            .whereRef('packages.name_id', '=', 'tombstones.name_id')
            .whereRef('packages.version_key', '=', 'tombstones.version_key')
            .where('packages.status', '<>', 'pending_destruction'),
        ),
      ),
    )
    .orderBy('removed_at')
    .execute()
  return rows.map((row) => ({ version: row.version, at: new Date(row.removed_at) }))
}
