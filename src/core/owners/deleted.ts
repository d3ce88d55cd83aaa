/** Groups and projects that were deleted: finding them again, and saying so to those who knew them. */
import { sql, type SelectQueryBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import { Problem } from '../../lib/problem.ts'
import { authorize, type Resource } from '../access/authorize.ts'
import type { Principal } from '../access/principal.ts'
import type { Core } from '../core.ts'

const isNumber = (id: string) => /^[1-9]\d{0,14}$/.test(id)

/** The project with this number or full path that was deleted, the last one where there were several. */
export function findDeletedProject(db: Db, id: string): Promise<ProjectRow | undefined> {
  return lastDeleted(db.selectFrom('projects').selectAll(), id).executeTakeFirst()
}

/** As `findDeletedProject`. */
export function findDeletedGroup(db: Db, id: string): Promise<GroupRow | undefined> {
  return lastDeleted(db.selectFrom('groups').selectAll(), id).executeTakeFirst()
}

type OwnerQuery<O> = SelectQueryBuilder<any, any, O>

function lastDeleted<O>(query: OwnerQuery<O>, id: string): OwnerQuery<O> {
  const byId = isNumber(id)
    ? query.where('id', '=', Number(id))
    : query.where(sql`lower(full_path)`, '=', id.toLowerCase())
  return byId.where('deleted_at', 'is not', null).orderBy('deleted_at', 'desc').limit(1)
}

/**
 * Throws 410 for a project or group whose path is gone with it, if the caller could have seen it. To be called where
 * none was found; for others it does nothing, so that they get the answer of what never existed.
 */
export async function refuseGone(
  core: Core,
  generation: number,
  principal: Principal,
  what: 'project' | 'group',
  id: string,
): Promise<void> {
  const path = await gonePath(core.database.read, what, id)
  if (path === undefined) return
  const resource = await deletedResource(core.database.read, what, String(path))
  if (!resource || (await authorize(core, generation, principal, 'see', resource)) !== 'allowed') return
  throw new Problem(410, 'gone', `410 Gone - this ${what} was deleted`)
}

async function gonePath(db: Db, what: 'project' | 'group', id: string): Promise<number | undefined> {
  const column = what === 'project' ? 'project_id' : 'group_id'
  const row = await db
    .selectFrom('paths')
    .select(column)
    .where('state', '=', 'gone')
    .where((eb) => (isNumber(id) ? eb(column, '=', Number(id)) : eb('key', '=', id.toLowerCase())))
    .executeTakeFirst()
  return row?.[column] ?? undefined
}

async function deletedResource(db: Db, what: 'project' | 'group', id: string): Promise<Resource | undefined> {
  if (what === 'project') {
    const project = await findDeletedProject(db, id)
    return project && { kind: 'project', project }
  }
  const group = await findDeletedGroup(db, id)
  return group && { kind: 'group', group }
}
