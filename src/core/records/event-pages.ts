/** Pages of what happened on a group and below it, where there may be millions of events. */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import { conditionsOf, eventList, type EventFilter, type ListedEvent } from './event-lists.ts'
import { firstOfMany, mostFirst, type ManyLists } from './first-of-many.ts'
import { mostCounted, type Page } from './pages.ts'

export interface EventWindow {
  readonly sort: 'asc' | 'desc'
  readonly offset: number
  readonly limit: number
  /** Those behind the one with this number. */
  readonly after?: number | undefined
}

/** To be asked where long statements hold nobody up. */
export async function pageOfGroupEvents(
  db: Db,
  groupId: number,
  filter: EventFilter,
  window: EventWindow,
): Promise<Page<ListedEvent>> {
  const { sort, offset, limit, after } = window
  const behind = after === undefined ? [] : [sql`events.id ${sql.raw(sort === 'asc' ? '>' : '<')} ${after}`]
  const conditions = conditionsOf(filter)
  const where = sql`${sql.join([...conditions, ...behind, sql`1 = 1`], sql` and `)}`
  const all = sql`select events.id ${below(groupId, 'project_id')} and ${where}
    union all select events.id ${below(groupId, 'group_id')} and ${where}`
  const counted = countOf(db, all)
  // A condition that few events meet is looked for in all of each list before the first is found.
  const isFrequent = conditions.length === 0 || (await counted) > mostCounted
  const [total, ids] = await Promise.all([
    counted,
    isFrequent && offset + limit < mostFirst
      ? newest(db, groupId, where, window)
      : sortedIds(db, all, window),
  ])
  const items = await eventList(db, {}, sort)
    .where('events.id', 'in', [-1, ...ids.slice(0, limit)])
    .execute()
  return { items, total: total > mostCounted ? undefined : total, more: ids.length > limit }
}

/** `mostCounted` + 1 where there are more. */
async function countOf(db: Db, all: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from
    (select id from (${all}) as below limit ${mostCounted + 1}) as counted`.execute(db)
  return Number(rows[0]!.count)
}

async function sortedIds(
  db: Db,
  all: RawBuilder<unknown>,
  { sort, offset, limit }: EventWindow,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from (${all}) as below
    order by id ${sql.raw(sort)} limit ${limit + 1} offset ${offset}`.execute(db)
  return rows.map((row) => row.id)
}

const groupsBelow = (groupId: number) =>
  sql`select group_id as id from group_tree where ancestor_id = ${groupId}`
/** Deleted ones too: what happened there is kept. */
const projectsBelow = (groupId: number) =>
  sql`select projects.id from group_tree cross join projects
    where group_tree.ancestor_id = ${groupId} and projects.group_id = group_tree.group_id`

const ownersBelow = { group_id: groupsBelow, project_id: projectsBelow } as const

function below(groupId: number, owner: keyof typeof ownersBelow): RawBuilder<unknown> {
  return sql`from (${ownersBelow[owner](groupId)}) as scope cross join events
    where ${sql.ref(`events.${owner}`)} = scope.id`
}

/** One more than the page holds. */
async function newest(
  db: Db,
  groupId: number,
  where: RawBuilder<unknown>,
  { sort, offset, limit }: EventWindow,
): Promise<number[]> {
  const each = (['project_id', 'group_id'] as const).map((owner) => {
    const owners = ownersBelow[owner](groupId)
    const many: ManyLists = { owners, table: 'events', owner, where, column: 'id', sort }
    return firstOfMany(db, many, offset + limit + 1)
  })
  const found = (await Promise.all(each)).flat()
  found.sort((a, b) => (sort === 'asc' ? a - b : b - a))
  return found.slice(offset, offset + limit + 1)
}
