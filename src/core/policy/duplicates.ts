import type { Db } from '../../database/database.ts'
import type { ProjectRow } from '../../database/schema.ts'
import type { Duplicates, Format } from '../../formats/format.ts'

/** Whether other bytes may replace a published file here: the nearest group's setting, else the format's default. */
export async function duplicatesPolicy(
  db: Db,
  format: Format<any>,
  project: ProjectRow,
): Promise<Duplicates> {
  const settings = await db
    .selectFrom('package_settings')
    .innerJoin('group_tree', 'group_tree.ancestor_id', 'package_settings.group_id')
    .innerJoin('groups', 'groups.id', 'package_settings.group_id')
    .select(['package_settings.duplicates', 'groups.full_path'])
    .where('group_tree.group_id', '=', project.group_id)
    .where('package_settings.format', '=', format.id)
    .execute()
  const nearest = settings.sort((a, b) => b.full_path.length - a.full_path.length)[0]
  return nearest?.duplicates ?? format.duplicates ?? 'never'
}

/** Sets it for everything below a group, or back to what is inherited (null). */
export async function setDuplicates(
  db: Db,
  groupId: number,
  format: string,
  duplicates: Duplicates | null,
): Promise<void> {
  await db
    .deleteFrom('package_settings')
    .where('group_id', '=', groupId)
    .where('format', '=', format)
    .execute()
  if (duplicates)
    await db.insertInto('package_settings').values({ group_id: groupId, format, duplicates }).execute()
}
