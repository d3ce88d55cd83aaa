import { z } from 'zod'
import type { Core } from '../core/core.ts'
import { fullNames, type GroupNames } from '../core/records/full-names.ts'
import type { ProjectRow } from '../database/schema.ts'
import { time, timeOf, timeOrNull, visibility } from './parameters.ts'
import { withStatistics } from './statistics.ts'

/** Who may pull: as the visibility says, anyone, or nobody. */
export const packagesAccess = z.enum(['enabled', 'public', 'disabled'])

export const projectSchema = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    name_with_namespace: z.string(),
    path: z.string(),
    path_with_namespace: z.string(),
    description: z.string(),
    visibility,
    namespace: z.strictObject({
      id: z.int(),
      name: z.string(),
      path: z.string(),
      kind: z.literal('group'),
      full_path: z.string(),
      parent_id: z.int().nullable(),
      web_url: z.string(),
    }),
    package_registry_access_level: packagesAccess,
    packages_enabled: z.boolean(),
    created_at: time,
    marked_for_deletion_at: time.nullable(),
    ...withStatistics,
    web_url: z.string(),
    _links: z.strictObject({ self: z.string(), members: z.string(), packages: z.string() }),
  })
  .meta({ id: 'Project' })
export type ProjectJson = z.input<typeof projectSchema>

/** Projects as the API shows them, in a constant number of queries. */
export async function projectsJson(core: Core, rows: readonly ProjectRow[]): Promise<ProjectJson[]> {
  const ids = rows.map((row) => row.group_id)
  const names = await fullNames(core.database.read, ids)
  return rows.map((row) => toJson(core.config.publicUrl, row, names.get(row.group_id)!))
}

export async function projectJson(core: Core, row: ProjectRow): Promise<ProjectJson> {
  const [json] = await projectsJson(core, [row])
  return json!
}

function toJson(publicUrl: string, row: ProjectRow, group: GroupNames): ProjectJson {
  const self = `${publicUrl}/api/v4/projects/${row.id}`
  const { id, name, path, full_path: fullPath, parent_id: parentId } = group.own
  return {
    id: row.id,
    name: row.name,
    name_with_namespace: `${group.name} / ${row.name}`,
    path: row.path,
    path_with_namespace: row.full_path,
    description: row.description,
    visibility: row.visibility,
    namespace: {
      id,
      name,
      path,
      kind: 'group',
      full_path: fullPath,
      parent_id: parentId,
      web_url: `${publicUrl}/groups/${fullPath}`,
    },
    package_registry_access_level: row.packages_access,
    packages_enabled: row.packages_access !== 'disabled',
    created_at: timeOf(row.created_at),
    marked_for_deletion_at: timeOrNull(row.deleted_at),
    web_url: `${publicUrl}/${row.full_path}`,
    _links: { self, members: `${self}/members`, packages: `${self}/packages` },
  }
}
