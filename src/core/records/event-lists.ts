import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { EventRow } from '../../database/schema.ts'
import { eventsWithin, type EventPosition } from './event-order.ts'

/** Which events are asked for; what is left out does not matter. */
export interface EventFilter {
  readonly id?: number | undefined
  readonly projectId?: number | undefined
  /** This group, with everything below it. */
  readonly groupId?: number | undefined
  readonly kind?: string | undefined
  readonly userId?: number | undefined
  /** The name of who did it, as it was shown. */
  readonly actor?: string | undefined
  readonly format?: string | undefined
  /** The package's name, exactly. */
  readonly name?: string | undefined
  readonly requestId?: string | undefined
  /** Milliseconds since 1970: at that moment or later. */
  readonly from?: number | undefined
  /** Before that moment. */
  readonly until?: number | undefined
}

/** An event with where its project or group stands, or stood. */
export type ListedEvent = EventRow & {
  readonly project_path: string | null
  readonly group_path: string | null
}

/** What a filter says of events, but for the group. */
export function conditionsOf(filter: EventFilter): RawBuilder<boolean>[] {
  const equal = {
    id: filter.id,
    project_id: filter.projectId,
    kind: filter.kind,
    user_id: filter.userId,
    actor: filter.actor,
    format: filter.format,
    name: filter.name,
    request_id: filter.requestId,
  } as const
  const conditions: RawBuilder<boolean>[] = []
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) conditions.push(sql`${sql.ref(`events.${column}`)} = ${value}`)
  }
  if (filter.from !== undefined) conditions.push(sql`events.at >= ${filter.from}`)
  if (filter.until !== undefined) conditions.push(sql`events.at < ${filter.until}`)
  return conditions
}

/** Events, the newest first, or the oldest. */
export function eventList(db: Db, filter: EventFilter, sort: 'asc' | 'desc' = 'desc') {
  return eventRows(db, filter).orderBy('events.id', sort)
}

/** Events after one position up to another, in the order in which they are to be told. */
export function eventsInOrder(db: Db, filter: EventFilter, after: EventPosition, last: EventPosition) {
  return eventRows(db, filter)
    .where(eventsWithin(after, last))
    .orderBy('events.transaction')
    .orderBy('events.id')
}

function eventRows(db: Db, filter: EventFilter) {
  let rows = db
    .selectFrom('events')
    .leftJoin('projects', 'projects.id', 'events.project_id')
    .leftJoin('groups', 'groups.id', 'events.group_id')
    .selectAll('events')
    .select(['projects.full_path as project_path', 'groups.full_path as group_path'])
  for (const condition of conditionsOf(filter)) rows = rows.where(condition)
  if (filter.groupId !== undefined) {
    const { groupId } = filter
    rows = rows.where((eb) =>
      eb.or([
        eb('events.group_id', 'in', groupsBelow(db, groupId)),
        eb('events.project_id', 'in', projectsBelow(db, groupId)),
      ]),
    )
  }
  return rows
}

function groupsBelow(db: Db, groupId: number) {
  return db.selectFrom('group_tree').select('group_tree.group_id').where('ancestor_id', '=', groupId)
}

/** Deleted ones too: what happened there is kept. */
function projectsBelow(db: Db, groupId: number) {
  return db
    .selectFrom('projects as below')
    .innerJoin('group_tree', 'group_tree.group_id', 'below.group_id')
    .select('below.id')
    .where('group_tree.ancestor_id', '=', groupId)
}
