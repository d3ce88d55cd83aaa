/** Registries elsewhere: whom a place asks, in which order, and where nobody looks any further. */
import type { Insertable, Updateable } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { Schema, UpstreamRow } from '../../database/schema.ts'
import { inPlace, placeColumns, type PlaceOf } from './places.ts'

/** A row, read once. */
export interface Upstream {
  readonly id: number
  /** Both null: the instance's. */
  readonly groupId: number | null
  readonly projectId: number | null
  readonly format: string
  /** Counts from 1 among those of one place and format. */
  readonly position: number
  readonly name: string
  /** Without a slash at its end. */
  readonly url: string
  readonly username: string | null
  /** Sealed: the password or, without a username, a bearer token. */
  readonly credential: string | null
  readonly ttlMs: number
  /** Patterns of normalised names; empty: all. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Null: what was kept stays. */
  readonly keepDaysUnused: number | null
  /** Null: no limit. */
  readonly maxBytes: number | null
  readonly anonymousFill: boolean
  readonly offline: boolean
  readonly mixes: boolean
  readonly source: UpstreamRow['source']
  readonly createdAt: number
  readonly updatedAt: number
}

/** What is said about an upstream, apart from where it stands. */
export type UpstreamValues = Omit<Upstream, 'id' | 'groupId' | 'projectId' | 'createdAt' | 'updatedAt'>

/** Whether any registry of the format fills from another. */
export async function hasUpstreams(db: Db, format: string): Promise<boolean> {
  const rows = db.selectFrom('upstreams').select('id').where('deleted_at', 'is', null)
  return (await rows.where('format', '=', format).limit(1).executeTakeFirst()) !== undefined
}

/** Those of one place (of one format, where it is said): by format, in the order in which they are asked. */
export function upstreamRows(db: Db, place: PlaceOf, format?: string) {
  const rows = db.selectFrom('upstreams').selectAll().where('deleted_at', 'is', null)
  const own = inPlace(rows, place)
  const some = format === undefined ? own : own.where('format', '=', format)
  return some.orderBy('format').orderBy('position').orderBy('id')
}

/** As `upstreamRows`. */
export async function upstreamsOf(db: Db, place: PlaceOf, format?: string): Promise<Upstream[]> {
  return (await upstreamRows(db, place, format).execute()).map(decodeUpstream)
}

export async function findUpstream(db: Db, place: PlaceOf, id: number): Promise<Upstream | undefined> {
  const row = await upstreamRows(db, place).where('id', '=', id).executeTakeFirst()
  return row && decodeUpstream(row)
}

/**
 * Whom the registry of a group asks: the upstreams of the nearest level that has any, from the group itself up to the
 * instance, and nobody where a group on the way says so.
 */
export async function nearestUpstreams(db: Db, groupId: number, format: string): Promise<Upstream[]> {
  const rows = await db
    .selectFrom('upstreams')
    .leftJoin('groups', 'groups.id', 'upstreams.group_id')
    .selectAll('upstreams')
    .select('groups.full_path')
    .where('upstreams.format', '=', format)
    .where('upstreams.deleted_at', 'is', null)
    .where('upstreams.project_id', 'is', null)
    .where((eb) =>
      eb.or([eb('upstreams.group_id', 'is', null), eb('upstreams.group_id', 'in', upwards(db, groupId))]),
    )
    .orderBy('upstreams.position')
    .orderBy('upstreams.id')
    .execute()
  // A longer path of the same branch is a nearer group.
  const nearness = (path: string | null) => path?.length ?? 0
  const nearest = Math.max(0, ...rows.map((row) => nearness(row.full_path)))
  const stops = rows.length === 0 ? [] : await stopsAbove(db, groupId, format)
  if (stops.some((path) => nearness(path) > nearest)) return []
  return rows.filter((row) => nearness(row.full_path) === nearest).map(decodeUpstream)
}

const upwards = (db: Db, groupId: number) =>
  db.selectFrom('group_tree').select('ancestor_id').where('group_tree.group_id', '=', groupId)

/** The paths of the groups, from this one upwards, that ask nobody above themselves. */
async function stopsAbove(db: Db, groupId: number, format: string): Promise<string[]> {
  const rows = await db
    .selectFrom('upstream_stops')
    .innerJoin('groups', 'groups.id', 'upstream_stops.group_id')
    .select('groups.full_path')
    .where('upstream_stops.format', '=', format)
    .where('upstream_stops.group_id', 'in', upwards(db, groupId))
    .execute()
  return rows.map((row) => row.full_path)
}

/** Whether the group asks the levels above it where it has no upstreams itself. */
export async function inheritsUpstreams(db: Db, groupId: number, format: string): Promise<boolean> {
  const stop = await db
    .selectFrom('upstream_stops')
    .select('group_id')
    .where('group_id', '=', groupId)
    .where('format', '=', format)
    .executeTakeFirst()
  return stop === undefined
}

export async function setInheritance(
  db: Db,
  groupId: number,
  format: string,
  inherits: boolean,
): Promise<void> {
  const row = { group_id: groupId, format }
  if (inherits) {
    await db
      .deleteFrom('upstream_stops')
      .where('group_id', '=', groupId)
      .where('format', '=', format)
      .execute()
  } else {
    await db
      .insertInto('upstream_stops')
      .values(row)
      .onConflict((c) => c.doNothing())
      .execute()
  }
}

export async function insertUpstream(
  db: Db,
  place: PlaceOf,
  values: UpstreamValues,
  now: number,
): Promise<Upstream> {
  const row = await db
    .insertInto('upstreams')
    .values({ ...placeColumns(place), ...(encode(values) as Told), created_at: now, updated_at: now })
    .returningAll()
    .executeTakeFirstOrThrow()
  return decodeUpstream(row)
}

export async function updateUpstream(
  db: Db,
  id: number,
  values: Partial<UpstreamValues>,
  now: number,
): Promise<Upstream> {
  const row = await db
    .updateTable('upstreams')
    .set({ ...encode(values), updated_at: now })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return decodeUpstream(row)
}

/** It answers no more; what was kept of it goes later. */
export async function retireUpstream(db: Db, id: number, now: number): Promise<void> {
  await db.updateTable('upstreams').set({ deleted_at: now }).where('id', '=', id).execute()
}

/** Numbers upstreams of one place and format in this order, from 1. */
export async function orderUpstreams(db: Db, inOrder: readonly Upstream[]): Promise<void> {
  for (const [index, { id, position }] of inOrder.entries()) {
    if (position === index + 1) continue
    await db
      .updateTable('upstreams')
      .set({ position: index + 1 })
      .where('id', '=', id)
      .execute()
  }
}

export function decodeUpstream(row: UpstreamRow): Upstream {
  return {
    id: row.id,
    groupId: row.group_id,
    projectId: row.project_id,
    format: row.format,
    position: row.position,
    name: row.name,
    url: row.url,
    username: row.username,
    credential: row.credential,
    ttlMs: row.ttl_seconds * 1000,
    include: JSON.parse(row.include) as string[],
    exclude: JSON.parse(row.exclude) as string[],
    keepDaysUnused: row.keep_days_unused,
    maxBytes: row.max_bytes,
    anonymousFill: row.anonymous_fill === 1,
    offline: row.offline === 1,
    mixes: row.mixes === 1,
    source: row.source,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

type Told = Omit<
  Insertable<Schema['upstreams']>,
  'id' | 'group_id' | 'project_id' | 'created_at' | 'updated_at'
>
const bit = (is: boolean | undefined) => (is === undefined ? undefined : Number(is))
const json = (patterns: readonly string[] | undefined) => patterns && JSON.stringify(patterns)

/** What is left out stays undefined, which changes nothing. */
function encode(values: Partial<UpstreamValues>): Updateable<Schema['upstreams']> {
  const { ttlMs, keepDaysUnused, maxBytes, anonymousFill, include, exclude, offline, mixes, ...same } = values
  return {
    ...same,
    ttl_seconds: ttlMs === undefined ? undefined : Math.round(ttlMs / 1000),
    include: json(include),
    exclude: json(exclude),
    keep_days_unused: keepDaysUnused,
    max_bytes: maxBytes,
    anonymous_fill: bit(anonymousFill),
    offline: bit(offline),
    mixes: bit(mixes),
  }
}
