/**
 * What all changes of what stands at a project, a group or the instance (webhooks, rules, keys ...) have in common: who
 * may make them, one transaction, and the event in it.
 */
import type { Db } from '../../database/database.ts'
import { notFound, type Problem } from '../../lib/problem.ts'
import { demand, type Resource } from '../access/authorize.ts'
import { recordEvent, type EventKind, type EventSubject } from '../records/events.ts'
import { eventPlace } from '../records/places.ts'
import type { Acting } from './acting.ts'
import { placeOf } from './place-of.ts'

const managing = { project: 'admin_project', group: 'admin_group', instance: 'admin_instance' } as const

/** Throws Problem 401, 403 or 404 unless the caller may change what is set there. */
export function demandToManage({ core, generation, principal }: Acting, owner: Resource): Promise<void> {
  return demand(core, generation, principal, managing[owner.kind], owner)
}

/** Does the work in one transaction, if the caller may change what is set there. Throws as `demandToManage`. */
export async function manage<T>(acting: Acting, owner: Resource, work: (db: Db) => Promise<T>): Promise<T> {
  await demandToManage(acting, owner)
  return acting.core.database.write(work)
}

/** What was looked for. Throws Problem 404 for nothing, which says what it would have been. */
export function found<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw notFound(`404 ${what} Not Found`)
  return row
}

/** Throws the refusal where the work breaks a constraint of uniqueness. */
export async function unlessTaken<T>({ core }: Acting, work: Promise<T>, refusal: () => Problem): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw core.database.isUniqueViolation(error) ? refusal() : error
  }
}

/** Puts on record what happened to what is set there. */
export function recordAt(
  db: Db,
  { core, origin }: Acting,
  owner: Resource,
  kind: EventKind,
  subject: Omit<EventSubject, 'projectId' | 'groupId'>,
): Promise<void> {
  return recordEvent(db, kind, origin, { ...eventPlace(placeOf(owner)), ...subject }, core.clock())
}
