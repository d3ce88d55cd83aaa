import type { Db } from '../../database/database.ts'
import { inBatches } from './batches.ts'

/** Path to sha256 of what a removed version held. */
export type RemovedDigests = Readonly<Record<string, string>>

export interface RemovedVersion {
  readonly version: string
  readonly versionKey: string
  readonly digests: RemovedDigests
}

/** Remembers removed versions of a name; what an earlier removal remembered stays. */
export async function addTombstones(
  db: Db,
  nameId: number,
  versions: readonly RemovedVersion[],
  now: number,
): Promise<void> {
  for (const batch of inBatches(versions)) {
    const known = await digestsOf(
      db,
      nameId,
      batch.map(({ versionKey }) => versionKey),
    )
    const rows = batch.map(({ version, versionKey, digests }) => ({
      name_id: nameId,
      version,
      version_key: versionKey,
      digests: JSON.stringify({ ...known.get(versionKey), ...digests }),
      removed_at: now,
    }))
    await db
      .insertInto('tombstones')
      .values(rows)
      .onConflict((c) =>
        c.columns(['name_id', 'version_key']).doUpdateSet((eb) => ({
          digests: eb.ref('excluded.digests'),
          removed_at: eb.ref('excluded.removed_at'),
        })),
      )
      .execute()
  }
}

async function digestsOf(
  db: Db,
  nameId: number,
  versionKeys: readonly string[],
): Promise<ReadonlyMap<string, RemovedDigests>> {
  const rows = await db
    .selectFrom('tombstones')
    .select(['version_key', 'digests'])
    .where('name_id', '=', nameId)
    .where('version_key', 'in', versionKeys)
    .execute()
  return new Map(rows.map((row) => [row.version_key, JSON.parse(row.digests)]))
}

export async function findTombstone(
  db: Db,
  nameId: number,
  versionKey: string,
): Promise<RemovedDigests | undefined> {
  return (await digestsOf(db, nameId, [versionKey])).get(versionKey)
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
