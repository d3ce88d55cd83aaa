import type { Db } from '../../database/database.ts'
import { listed } from './packages.ts'

/** Tags of a name that point at packages which documents show: tag to version. */
export async function tagsOfName(db: Db, nameId: number): Promise<Record<string, string>> {
  const rows = await db
    .selectFrom('tags')
    .innerJoin('packages', 'packages.id', 'tags.package_id')
    .select(['tags.tag', 'packages.version'])
    .where('tags.name_id', '=', nameId)
    .where('packages.status', 'in', listed)
    .orderBy('tags.tag')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.tag, row.version]))
}

export interface NamedTag {
  readonly name_id: number
  readonly tag: string
  readonly package_id: number
  readonly version: string
}

/** The tags of several names that point at packages which documents show. */
export function tagsOfNames(db: Db, nameIds: readonly number[]): Promise<NamedTag[]> {
  return db
    .selectFrom('tags')
    .innerJoin('packages', 'packages.id', 'tags.package_id')
    .select(['tags.name_id', 'tags.tag', 'tags.package_id', 'packages.version'])
    .where('tags.name_id', 'in', [-1, ...nameIds])
    .where('packages.status', 'in', listed)
    .orderBy('tags.tag')
    .execute()
}

/** Points the tag at a package. */
export async function setTag(
  db: Db,
  nameId: number,
  tag: string,
  packageId: number,
  now: number,
): Promise<void> {
  await db
    .insertInto('tags')
    .values({ name_id: nameId, tag, package_id: packageId, changed_at: now })
    .onConflict((c) => c.columns(['name_id', 'tag']).doUpdateSet({ package_id: packageId, changed_at: now }))
    .execute()
}

/** Whether there was such a tag. */
export async function deleteTag(db: Db, nameId: number, tag: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('tags')
    .where('name_id', '=', nameId)
    .where('tag', '=', tag)
    .returning('id')
    .execute()
  return gone.length > 0
}
