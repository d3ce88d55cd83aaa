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
import { demand } from '../access/authorize.ts'
import { recordEvent, type EventKind, type EventSubject } from '../records/events.ts'
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
  const { core } = acting
  await demandManagement(acting, group)
  const name = { format: format.id, key: format.names.normalize(wish.name) }
  return core.database.write(async (db) => {
    const project = await projectBelow(db, group, wish.projectId)
    const row = await findName(db, project.id, name)
    if (!row) throw notFound('404 Package Not Found: the project has never published that name')
    await setNameOwner(db, group.id, name, project.id)
    await countOwnersChange(db, group.root_id)
    const subject = { format: format.id, name: row.name, detail: { project: project.id } }
    await record(db, acting, group, 'name.moved', subject)
    return touchName(db, project, name, row.name, core.clock())
  })
}

/** Reserves names in a top-level group. Throws as `moveName`; 400 below the top; 409 if the pattern is reserved. */
export async function reserveNames(
  acting: Acting,
  group: GroupRow,
  wish: Omit<NewReservation, 'groupId'>,
): Promise<NameReservationRow> {
  await demandManagement(acting, group)
  if (group.parent_id !== null) throw invalid('names are reserved on the top-level group')
  return unlessTaken(acting, async (db) => {
    if (wish.projectId !== null) await projectBelow(db, group, wish.projectId)
    checkCount(await reservationsOf(db, group.id).select('id').execute())
    const row = await insertReservation(db, { ...wish, groupId: group.id }, acting.core.clock())
    const detail = { pattern: wish.pattern, project: wish.projectId }
    await record(db, acting, group, 'name.reserved', { format: wish.format, detail })
    return row
  })
}

/** Gives a reserved pattern free. Throws 401, 403 or 404. */
export async function releaseNames(acting: Acting, group: GroupRow, id: number): Promise<void> {
  await demandManagement(acting, group)
  await acting.core.database.write(async (db) => {
    const row = await deleteReservation(db, group.id, id)
    if (!row) throw notFound('404 Name Reservation Not Found')
    const detail = { pattern: row.pattern, project: row.project_id }
    await record(db, acting, group, 'name.released', { format: row.format, detail })
  })
}

/** Lets several projects answer for matching names together. Throws as `moveName`; 409 if the pattern is mixed. */
export async function mixNames(
  acting: Acting,
  group: GroupRow,
  wish: Omit<NewMixing, 'groupId'>,
): Promise<NameMixingRow> {
  await demandManagement(acting, group)
  return unlessTaken(acting, async (db) => {
    for (const id of wish.projectIds) await projectBelow(db, group, id)
    checkCount(await mixingOf(db, group.id).select('id').execute())
    const row = await insertMixing(db, { ...wish, groupId: group.id }, acting.core.clock())
    await countOwnersChange(db, group.root_id)
    const detail = { pattern: wish.pattern, projects: wish.projectIds }
    await record(db, acting, group, 'name.mixed', { format: wish.format, detail })
    return row
  })
}

/** From now on one project owns each of these names again. Throws 401, 403 or 404. */
export async function unmixNames(acting: Acting, group: GroupRow, id: number): Promise<void> {
  await demandManagement(acting, group)
  await acting.core.database.write(async (db) => {
    const row = await deleteMixing(db, group.id, id)
    if (!row) throw notFound('404 Name Mixing Not Found')
    await countOwnersChange(db, group.root_id)
    await record(db, acting, group, 'name.unmixed', { format: row.format, detail: { pattern: row.pattern } })
  })
}

function demandManagement({ core, generation, principal }: Acting, group: GroupRow): Promise<void> {
  return demand(core, generation, principal, 'admin_group', { kind: 'group', group })
}

async function projectBelow(db: Db, group: GroupRow, id: number): Promise<ProjectRow> {
  const project = await db
    .selectFrom('projects')
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .selectAll('projects')
    .where('group_tree.ancestor_id', '=', group.id)
    .where('projects.id', '=', id)
    .where('projects.deleted_at', 'is', null)
    .executeTakeFirst()
  if (!project) throw notFound('404 Project Not Found')
  return project
}

function checkCount(rows: readonly unknown[]): void {
  if (rows.length >= mostPatterns) throw invalid(`a group has at most ${mostPatterns} such patterns`)
}

async function unlessTaken<T>({ core }: Acting, work: (db: Db) => Promise<T>): Promise<T> {
  try {
    return await core.database.write(work)
  } catch (error) {
    if (!core.database.isUniqueViolation(error)) throw error
    throw conflict('pattern has already been taken')
  }
}

function record(db: Db, { core, origin }: Acting, group: GroupRow, kind: EventKind, subject: EventSubject) {
  return recordEvent(db, kind, origin, { groupId: group.id, ...subject }, core.clock())
}
