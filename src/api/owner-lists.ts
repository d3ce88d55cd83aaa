/** What lists of groups and projects have in common. */
import { sql, type SelectQueryBuilder } from 'kysely'
import { z } from 'zod'
import { visibleGroups, visibleProjects } from '../core/access/visible.ts'
import { containing, type Page, type Window } from '../core/records/pages.ts'
import type { GroupRow, ProjectRow, Visibility } from '../database/schema.ts'
import { keysetChoice, readAskedPage, type PageAsked } from './keyset.ts'
import { searchText, sort, visibility } from './parameters.ts'
import type { Call } from './route.ts'

export const groupListParameters = {
  search: searchText.optional().describe('part of the name or path'),
  visibility: visibility.optional(),
  ...keysetChoice,
  order_by: z.enum(['name', 'path', 'id']).default('name'),
  sort: sort.default('asc'),
}
export const projectListParameters = {
  search: searchText.optional().describe('part of the name or path'),
  visibility: visibility.optional(),
  ...keysetChoice,
  order_by: z.enum(['id', 'name', 'path', 'created_at']).default('created_at'),
  sort: sort.default('desc'),
}

interface Filter<O extends string> extends PageAsked {
  readonly search?: string | undefined
  readonly visibility?: Visibility | undefined
  readonly order_by: O
}

/** A page of the groups that the caller sees. `parent`: those directly in it; null: top-level ones. */
export function pageOfGroups(
  { core, principal, query }: Call<object, Filter<'name' | 'path' | 'id'>>,
  window: Window,
  parent?: number | null,
): Promise<Page<GroupRow>> {
  let rows = visibleGroups(core, principal).selectAll('groups')
  if (parent !== undefined) rows = rows.where('parent_id', parent === null ? 'is' : '=', parent)
  const asked = narrowed<GroupRow>(rows, 'groups', query)
  return readAskedPage<GroupRow>(core.database.read, asked, 'groups.id', query, window)
}

/** A page of the projects that the caller sees, all or those in a group (`below`: in its subgroups too). */
export function pageOfProjects(
  { core, principal, query }: Call<object, Filter<'id' | 'name' | 'path' | 'created_at'>>,
  window: Window,
  group?: { readonly id: number; readonly below: boolean },
): Promise<Page<ProjectRow>> {
  let rows = visibleProjects(core, principal).selectAll('projects')
  if (group) {
    rows = group.below
      ? rows.where('projects.group_id', 'in', (eb) =>
          eb.selectFrom('group_tree').select('group_tree.group_id').where('ancestor_id', '=', group.id),
        )
      : rows.where('projects.group_id', '=', group.id)
  }
  const asked = narrowed<ProjectRow>(rows, 'projects', query)
  return readAskedPage<ProjectRow>(core.database.read, asked, 'projects.id', query, window)
}

/** Those of the visibility, and with the text in their name or path, that were asked for; in the order, too. */
function narrowed<O>(
  all: SelectQueryBuilder<any, any, O>,
  table: 'groups' | 'projects',
  { visibility: wanted, search, order_by: by, sort: direction }: Filter<string>,
): SelectQueryBuilder<any, any, O> {
  let rows = all
  if (wanted) rows = rows.where(`${table}.visibility`, '=', wanted)
  if (search) {
    const pattern = sql`${containing(search)} escape '\\'`
    const lower = (column: string) => sql`lower(${sql.ref(`${table}.${column}`)})`
    rows = rows.where((eb) =>
      eb.or([eb(lower('name'), 'like', pattern), eb(lower('full_path'), 'like', pattern)]),
    )
  }
  return rows
    .orderBy(`${table}.${by === 'path' ? 'full_path' : by}`, direction)
    .orderBy(`${table}.id`, direction)
}
