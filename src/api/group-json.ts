import { z } from 'zod'
import type { Core } from '../core/core.ts'
import { fullNames } from '../core/records/full-names.ts'
import type { GroupRow } from '../database/schema.ts'
import { time, timeOf, timeOrNull, visibility } from './parameters.ts'
import { withStatistics } from './statistics.ts'

export const groupSchema = z
  .strictObject({
    id: z.int(),
    web_url: z.string(),
    name: z.string(),
    path: z.string(),
    description: z.string(),
    visibility,
    full_name: z.string(),
    full_path: z.string(),
    parent_id: z.int().nullable(),
    avatar_url: z.null(),
    created_at: time,
    marked_for_deletion_at: time.nullable(),
    ...withStatistics,
  })
  .meta({ id: 'Group' })
export type GroupJson = z.input<typeof groupSchema>

/** Groups as the API shows them, in a constant number of queries. */
export async function groupsJson(core: Core, rows: readonly GroupRow[]): Promise<GroupJson[]> {
  const ids = rows.map((row) => row.id)
  const names = await fullNames(core.database.read, ids)
  return rows.map((row) => ({
    id: row.id,
    web_url: `${core.config.publicUrl}/groups/${row.full_path}`,
    name: row.name,
    path: row.path,
    description: row.description,
    visibility: row.visibility,
    full_name: names.get(row.id)?.name ?? row.name,
    full_path: row.full_path,
    parent_id: row.parent_id,
    avatar_url: null,
    created_at: timeOf(row.created_at),
    marked_for_deletion_at: timeOrNull(row.deleted_at),
  }))
}

export async function groupJson(core: Core, row: GroupRow): Promise<GroupJson> {
  const [json] = await groupsJson(core, [row])
  return json!
}
