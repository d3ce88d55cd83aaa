import { sql, type ExpressionBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { Schema } from '../../database/schema.ts'
import { ownerIdBelow } from './name-owners.ts'
import { isAlone } from './names.ts'
import { countedPage } from './counted-page.ts'
import { beginningOf, countNames, namesFrom, type Beginning, type NamesQuery } from './name-query.ts'
import { mostCounted, type Window } from './pages.ts'
import type { ProjectSet } from './project-sets.ts'

export interface GroupNameFilter {
  /** Projects below the group whose packages the caller may read. */
  readonly projects: ProjectSet
  readonly format?: string | undefined
  /** Part of the name, compared case-insensitively. */
  readonly search?: string | undefined
  /** Only those that another project owns, or only owners. */
  readonly shadowed?: boolean | undefined
}

/**
 * A page of the names ever published in these projects, in the order of the alphabet, with the row that owns each below
 * the group. To be asked where long statements hold nobody up.
 */
export async function pageOfGroupNames(db: Db, groupId: number, filter: GroupNameFilter, window: Window) {
  const beginning = await beginningOf(db, filter)
  const first = { sort: 'asc', offset: window.offset, limit: window.limit + 1 } as const
  const found = namesInGroup(db, groupId, filter, beginning)
  const { count, ids: all } = filter.search
    ? await countedPage(db, found.select(['names.id', 'names.name']), {
        ...first,
        place: sql.ref('found.name'),
      })
    : { count: await countNames(db, found), ids: undefined }
  const isLong = count > mostCounted
  const from = isLong && beginning === 'projects' ? 'order' : beginning
  const ids = all ?? (await orderedIds(namesInGroup(db, groupId, filter, from), first))
  const items = await listedIn(db, groupId, ids.slice(0, window.limit))
  return { items, total: isLong ? undefined : count, more: ids.length > window.limit }
}

async function orderedIds(names: NamesQuery, { offset, limit }: Window): Promise<number[]> {
  const rows = await names
    .select('names.id')
    .orderBy('names.name')
    .orderBy('names.id')
    .offset(offset)
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

function namesInGroup(db: Db, groupId: number, filter: GroupNameFilter, beginning: Beginning) {
  const query = namesFrom(db, beginning, filter)
  const { shadowed } = filter
  if (shadowed === undefined) return query
  // Most names are no other project's, which is quicker to see than whose they are.
  return query.where((eb) =>
    shadowed
      ? eb.and([eb(isAlone(eb), '=', 0), eb('names.id', '<>', ownerOf(groupId, eb))])
      : eb.or([eb(isAlone(eb), '=', 1), eb('names.id', '=', ownerOf(groupId, eb))]),
  )
}

function listedIn(db: Db, groupId: number, nameIds: readonly number[]) {
  return db
    .selectFrom('names')
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .select(['names.id', 'names.format', 'names.name', 'names.created_at', 'names.project_id'])
    .select('projects.full_path as project_path')
    .select((eb) => ownerOf(groupId, eb).as('owner_id'))
    .where('names.id', 'in', [-1, ...nameIds])
    .orderBy('names.name')
    .orderBy('names.id')
    .execute()
}

function ownerOf(groupId: number, eb: ExpressionBuilder<Schema, 'names'>) {
  return ownerIdBelow(groupId, { format: eb.ref('names.format'), key: eb.ref('names.key') })
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
