/** For tests of lists: names, versions and projects by the thousand, as rows. */
import type { Database } from '../../database/database.ts'
import { inBatches } from './batches.ts'

export interface RowOfPackage {
  readonly projectId: number
  readonly name: string
  readonly version: string
  readonly createdAt: number
  readonly format: string
  readonly status?: 'default' | 'hidden'
}

/** Projects without further ado in one group; their numbers. */
export async function insertProjects(
  database: Database,
  group: { readonly id: number },
  count: number,
): Promise<number[]> {
  const { root_id: rootId } = await database.read
    .selectFrom('groups')
    .select('root_id')
    .where('id', '=', group.id)
    .executeTakeFirstOrThrow()
  const rows = Array.from({ length: count }, (_, index) => ({
    group_id: group.id,
    root_id: rootId,
    name: `p${index}`,
    path: `p${index}`,
    full_path: `many/p${index}`,
    description: '',
    visibility: 'private' as const,
    packages_access: 'enabled' as const,
    created_at: 1,
  }))
  return database.write(async (db) => {
    const ids: number[] = []
    for (const some of inBatches(rows)) {
      const made = await db
        .insertInto('projects')
        .values([...some])
        .returning('id')
        .execute()
      for (const { id } of made) ids.push(id)
    }
    return ids
  })
}

/** Packages without files; names are made as they come. */
export async function insertPackages(database: Database, all: readonly RowOfPackage[]): Promise<void> {
  const keyOf = (row: RowOfPackage) => `${row.projectId} ${row.format} ${row.name}`
  const names = new Map(all.map((row) => [keyOf(row), row]))
  const ids = new Map<string, number>()
  await database.write(async (db) => {
    for (const some of inBatches([...names.values()])) {
      const rows = some.map((row) => ({
        project_id: row.projectId,
        root_id: 1,
        format: row.format,
        key: row.name,
        name: row.name,
        revision: 1,
        created_at: row.createdAt,
        changed_at: row.createdAt,
      }))
      const made = await db
        .insertInto('names')
        .values(rows)
        .returning(['id', 'project_id', 'format', 'key'])
        .execute()
      for (const { id, project_id: projectId, format, key } of made) {
        ids.set(`${projectId} ${format} ${key}`, id)
      }
    }
    for (const some of inBatches(all)) {
      const rows = some.map((row) => ({
        project_id: row.projectId,
        name_id: ids.get(keyOf(row))!,
        format: row.format,
        version: row.version,
        version_key: row.version,
        status: row.status ?? ('default' as const),
        created_at: row.createdAt,
        updated_at: row.createdAt,
      }))
      await db.insertInto('packages').values(rows).execute()
    }
  })
}
