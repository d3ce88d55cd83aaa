/** Upstreams and those that have them, for many places at once. */
import type { SelectQueryBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { GroupRow, Schema } from '../../database/schema.ts'
import type { ProjectQuery } from './project-sets.ts'
import { decodeUpstream, type Upstream } from './upstreams.ts'

/** The numbers of some groups, as a query. */
export type GroupQuery = SelectQueryBuilder<Schema, 'groups', { id: number }>

/** The upstreams of these projects and groups, and those of the instance, by their numbers: no more than `most`. */
export async function upstreamsOfMany(
  db: Db,
  { projects, groups }: { readonly projects: ProjectQuery; readonly groups: GroupQuery },
  most: number,
): Promise<Upstream[]> {
  const rows = await db
    .selectFrom('upstreams')
    .selectAll()
    .where('deleted_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('project_id', 'in', projects),
        eb('group_id', 'in', groups),
        eb.and([eb('project_id', 'is', null), eb('group_id', 'is', null)]),
      ]),
    )
    .orderBy('id')
    .limit(most)
    .execute()
  return rows.map(decodeUpstream)
}

/** Those of the groups whose registries of the format ask the instance's upstreams, by their paths: no more than `most`. */
export function groupsAskingInstance(
  db: Db,
  groups: GroupQuery,
  format: string,
  most: number,
): Promise<GroupRow[]> {
  return db
    .selectFrom('groups')
    .selectAll('groups')
    .where('groups.id', 'in', groups)
    .where((eb) => eb.not(eb.exists(above(db, 'upstreams', format).where('set.deleted_at', 'is', null))))
    .where((eb) => eb.not(eb.exists(above(db, 'upstream_stops', format))))
    .orderBy('groups.full_path')
    .limit(most)
    .execute()
}

/** What stands in the table for the format on the group in question, or on one above it. */
function above<T extends 'upstreams' | 'upstream_stops'>(db: Db, table: T, format: string) {
  return db
    .selectFrom('group_tree')
    .innerJoin(`${table as 'upstreams'} as set`, 'set.group_id', 'group_tree.ancestor_id')
    .select('group_tree.group_id')
    .whereRef('group_tree.group_id', '=', 'groups.id' as never)
    .where('set.format', '=', format)
}

export async function groupsById(db: Db, ids: readonly number[]): Promise<GroupRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('groups').selectAll().where('id', 'in', ids).execute()
}
