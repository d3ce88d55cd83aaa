import type { Db } from '../../database/database.ts'
import type { ProjectRow } from '../../database/schema.ts'
import type { Duplicates, Format } from '../../formats/format.ts'
import { linearPattern } from '../../lib/linear-pattern.ts'

/** What a group says of one format. */
export interface DuplicatesSetting {
  readonly format: string
  readonly duplicates: Duplicates
  /** A pattern; where it matches a name or version as a whole, the opposite holds. */
  readonly exception: string | null
  /** The group that says so. */
  readonly group_id: number
  readonly full_path: string
}

/** What holds in a group: for each format the setting of the nearest group that has one. */
export async function duplicatesSettings(
  db: Db,
  groupId: number,
  format?: string,
): Promise<ReadonlyMap<string, DuplicatesSetting>> {
  let query = db
    .selectFrom('package_settings')
    .innerJoin('group_tree', 'group_tree.ancestor_id', 'package_settings.group_id')
    .innerJoin('groups', 'groups.id', 'package_settings.group_id')
    .selectAll('package_settings')
    .select('groups.full_path')
    .where('group_tree.group_id', '=', groupId)
  if (format !== undefined) query = query.where('package_settings.format', '=', format)
  const rows = await query.execute()
  const farthestFirst = rows.sort((a, b) => a.full_path.length - b.full_path.length)
  return new Map(farthestFirst.map((row) => [row.format, row]))
}

/**
 * Whether other bytes may replace a published file here: the nearest group's setting, turned round where its exception
 * matches one of the texts (the name and the version as published); else the format's default.
 */
export async function duplicatesPolicy(
  db: Db,
  format: Format<any>,
  project: ProjectRow,
  texts: readonly string[],
): Promise<Duplicates> {
  const nearest = (await duplicatesSettings(db, project.group_id, format.id)).get(format.id)
  if (!nearest) return format.duplicates ?? 'never'
  if (nearest.exception === null || !texts.some(linearPattern(nearest.exception))) return nearest.duplicates
  return nearest.duplicates === 'allowed' ? 'never' : 'allowed'
}

/** Sets it for everything below a group, or back to what is inherited (null). */
export async function setDuplicates(
  db: Db,
  groupId: number,
  format: string,
  duplicates: Duplicates | null,
  exception: string | null = null,
): Promise<void> {
  await db
    .deleteFrom('package_settings')
    .where('group_id', '=', groupId)
    .where('format', '=', format)
    .execute()
  if (!duplicates) return
  await db
    .insertInto('package_settings')
    .values({ group_id: groupId, format, duplicates, exception })
    .execute()
}
