import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import { ownerIdBelow } from './name-owners.ts'
import { containing } from './pages.ts'

export interface GroupNameFilter {
  /** Projects below the group whose packages the caller may read. */
  readonly projectIds: readonly number[]
  readonly format?: string | undefined
  /** Part of the name, compared case-insensitively. */
  readonly search?: string | undefined
  /** Only those that another project owns, or only owners. */
  readonly shadowed?: boolean | undefined
}

/** Names ever published in these projects, in the order of the alphabet, with the row that owns each below the group. */
export function namesInGroup(db: Db, groupId: number, filter: GroupNameFilter) {
  const { projectIds, format, search, shadowed } = filter
  let query = db
    .selectFrom('names')
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .select(['names.id', 'names.format', 'names.key', 'names.name', 'names.created_at'])
    .select(['names.project_id', 'projects.full_path as project_path'])
    .select((eb) => ownerOf(eb.ref('names.format'), eb.ref('names.key')).as('owner_id'))
    .where('names.project_id', 'in', projectIds.length > 0 ? projectIds : [-1])
    .orderBy('names.name')
    .orderBy('names.id')
  if (format !== undefined) query = query.where('names.format', '=', format)
  if (search) query = query.where(sql`lower(names.name)`, 'like', sql`${containing(search)} escape '\\'`)
  if (shadowed === undefined) return query
  return query.where((eb) =>
    eb('names.id', shadowed ? '<>' : '=', ownerOf(eb.ref('names.format'), eb.ref('names.key'))),
  )

  function ownerOf(formatOf: Parameters<typeof ownerIdBelow>[1]['format'], key: typeof formatOf) {
    return ownerIdBelow(groupId, { format: formatOf, key })
  }
}

/** Of rows of names, the project each belongs to. */
export async function projectsOfNames(
  db: Db,
  nameIds: readonly number[],
): Promise<ReadonlyMap<number, { readonly id: number; readonly full_path: string }>> {
  if (nameIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('names')
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .select(['names.id as name_id', 'projects.id', 'projects.full_path'])
    .where('names.id', 'in', nameIds)
    .execute()
  return new Map(rows.map(({ name_id: nameId, ...project }) => [nameId, project]))
}
