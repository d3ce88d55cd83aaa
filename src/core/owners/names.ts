/** What a group's owners say about the names below it: who owns one, which are reserved, which may be mixed. */
import type { Db } from '../../database/database.ts'
import type {
  GroupRow,
  NameMixingRow,
  NameReservationRow,
  NameRow,
  ProjectRow,
} from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import { conflict, invalid, notFound } from '../../lib/problem.ts'
import { deleteMixing, insertMixing, mixingOf, type NewMixing } from '../records/name-mixing.ts'
import { countOwnersChange, setNameOwner } from '../records/name-owners.ts'
import {
  deleteReservation,
  insertReservation,
  reservationsOf,
  type NewReservation,
} from '../records/name-reservations.ts'
import { findName, touchName } from '../records/names.ts'
import type { Acting } from './acting.ts'
import { found, manage, recordAt, unlessTaken } from './manage.ts'
import type { Owned } from './members.ts'

/** Patterns of a group are compared at publications and reads. */
const mostPatterns = 500

/**
 * Moves the ownership of a name, below the group, to another project that has published it.
 * @throws Problem 401, 403 or 404 where the caller may not; 400 for no name; 404 if the project has never published it.
 */
export async function moveName(
  acting: Acting,
  group: GroupRow,
  format: Format<any>,
  wish: { readonly name: string; readonly projectId: number },
): Promise<NameRow> {
  const owner = { kind: 'group', group } as const
  return manage(acting, owner, async (db) => {
    const name = { format: format.id, key: format.names.normalize(wish.name) }
    const project = await projectBelow(db, group, wish.projectId)
    const row = await findName(db, project.id, name)
    if (!row) throw notFound('404 Package Not Found: the project has never published that name')
    await setNameOwner(db, group.id, name, project.id)
    await countOwnersChange(db, group.root_id)
    const subject = { format: format.id, name: row.name, detail: { project: project.id } }
    await recordAt(db, acting, owner, 'name.moved', subject)
    return touchName(db, project, name, row.name, acting.core.clock())
  })
}

/** Reserves names in a top-level group. Throws as `moveName`; 400 below the top; 409 if the pattern is reserved. */
export async function reserveNames(
  acting: Acting,
  group: GroupRow,
  wish: Omit<NewReservation, 'groupId'>,
): Promise<NameReservationRow> {
  const owner = { kind: 'group', group } as const
  return writePattern(acting, owner, async (db) => {
    if (group.parent_id !== null) throw invalid('names are reserved on the top-level group')
    if (wish.projectId !== null) await projectBelow(db, group, wish.projectId)
    checkCount(await reservationsOf(db, group.id).select('id').execute())
    const row = await insertReservation(db, { ...wish, groupId: group.id }, acting.core.clock())
    const detail = { pattern: wish.pattern, project: wish.projectId }
    await recordAt(db, acting, owner, 'name.reserved', { format: wish.format, detail })
    return row
  })
}

/** Gives a reserved pattern free. Throws 401, 403 or 404. */
export async function releaseNames(acting: Acting, group: GroupRow, id: number): Promise<void> {
  const owner = { kind: 'group', group } as const
  await manage(acting, owner, async (db) => {
    const row = found(await deleteReservation(db, group.id, id), 'Name Reservation')
    const detail = { pattern: row.pattern, project: row.project_id }
    await recordAt(db, acting, owner, 'name.released', { format: row.format, detail })
  })
}

/** Lets several projects answer for matching names together. Throws as `moveName`; 409 if the pattern is mixed. */
export async function mixNames(
  acting: Acting,
  group: GroupRow,
  wish: Omit<NewMixing, 'groupId'>,
): Promise<NameMixingRow> {
  const owner = { kind: 'group', group } as const
  return writePattern(acting, owner, async (db) => {
    for (const id of wish.projectIds) await projectBelow(db, group, id)
    checkCount(await mixingOf(db, group.id).select('id').execute())
    const row = await insertMixing(db, { ...wish, groupId: group.id }, acting.core.clock())
    await countOwnersChange(db, group.root_id)
    const detail = { pattern: wish.pattern, projects: wish.projectIds }
    await recordAt(db, acting, owner, 'name.mixed', { format: wish.format, detail })
    return row
  })
}

/** From now on one project owns each of these names again. Throws 401, 403 or 404. */
export async function unmixNames(acting: Acting, group: GroupRow, id: number): Promise<void> {
  const owner = { kind: 'group', group } as const
  await manage(acting, owner, async (db) => {
    const row = found(await deleteMixing(db, group.id, id), 'Name Mixing')
    await countOwnersChange(db, group.root_id)
    await recordAt(db, acting, owner, 'name.unmixed', {
      format: row.format,
      detail: { pattern: row.pattern },
    })
  })
}

const writePattern = <T>(acting: Acting, owner: Owned, work: (db: Db) => Promise<T>): Promise<T> =>
  unlessTaken(acting, manage(acting, owner, work), () => conflict('pattern has already been taken'))

async function projectBelow(db: Db, group: GroupRow, id: number): Promise<ProjectRow> {
  const project = await db
    .selectFrom('projects')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .selectAll('projects')
    .where('group_tree.ancestor_id', '=', group.id)
    .where('projects.id', '=', id)
    .where('projects.deleted_at', 'is', null)
    .executeTakeFirst()
  return found(project, 'Project')
}

function checkCount(rows: readonly unknown[]): void {
  if (rows.length >= mostPatterns) throw invalid(`a group has at most ${mostPatterns} such patterns`)
}
