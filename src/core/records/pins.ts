/** What files from upstream were when they were first seen below a top-level group. */
import type { Db } from '../../database/database.ts'
import type { UpstreamPinRow } from '../../database/schema.ts'
import type { Digests } from '../../formats/format.ts'

export interface PinPlace {
  /** 0: registries of the whole instance. */
  readonly rootId: number
  readonly format: string
}
export interface NewPin extends PinPlace {
  readonly path: string
  readonly name: string
  readonly version: string | null
  readonly digests: Digests
}
export interface Pin {
  readonly id: number
  /** Where it holds. */
  readonly rootId: number
  readonly path: string
  readonly digests: Digests
}

export async function findPin(db: Db, { rootId, format }: PinPlace, path: string): Promise<Pin | undefined> {
  const row = await pinsIn(db, { rootId, format }).where('path', '=', path).executeTakeFirst()
  return row && toPin(row)
}

/** Those of one name. */
export async function pinsOfName(db: Db, place: PinPlace, name: string): Promise<Pin[]> {
  const rows = await pinsIn(db, place).where('name', '=', name).limit(mostPins).execute()
  return rows.map(toPin)
}

/** More files than this no name has. */
const mostPins = 100_000

function pinsIn(db: Db, { rootId, format }: PinPlace) {
  return db.selectFrom('upstream_pins').selectAll().where('root_id', '=', rootId).where('format', '=', format)
}

const toPin = ({ id, root_id, path, digests }: UpstreamPinRow): Pin => ({
  id,
  rootId: root_id,
  path,
  digests: JSON.parse(digests),
})

/** Pins a file unless it is pinned already. Returns what it is pinned to. */
export async function pinFirst(db: Db, pin: NewPin, now: number): Promise<Pin> {
  const [pinned] = await pinAllFirst(db, [pin], now)
  return pinned!
}

/** The same for many, at most a hundred; of several for one path the first. In one order, so that none waits in a ring. */
export async function pinAllFirst(db: Db, pins: readonly NewPin[], now: number): Promise<Pin[]> {
  const byPlace = new Map<string, NewPin>()
  for (const pin of pins) if (!byPlace.has(keyOf(pin))) byPlace.set(keyOf(pin), pin)
  const places = [...byPlace.keys()].toSorted()
  const rows = await db
    .insertInto('upstream_pins')
    .values(places.map((place) => rowOf(byPlace.get(place)!, now)))
    .onConflict((c) =>
      c
        .columns(['root_id', 'format', 'path'])
        .doUpdateSet((eb) => ({ digests: eb.ref('upstream_pins.digests') })),
    )
    .returningAll()
    .execute()
  const pinned = new Map(rows.map((row) => [keyOf({ ...row, rootId: row.root_id }), toPin(row)]))
  return pins.map((pin) => pinned.get(keyOf(pin))!)
}

const keyOf = ({ rootId, format, path }: PinPlace & { readonly path: string }) =>
  `${rootId} ${format} ${path}`

function rowOf({ rootId, format, path, name, version, digests }: NewPin, now: number) {
  return {
    root_id: rootId,
    format,
    path,
    name,
    version,
    digests: JSON.stringify(digests),
    first_seen_at: now,
  }
}

/** Notes that an upstream offered other bytes. False: that was known. */
export async function noteRefused(db: Db, pinId: number, digests: Digests, now: number): Promise<boolean> {
  const text = JSON.stringify(digests)
  const rows = await db
    .updateTable('upstream_pins')
    .set({ refused_at: now, refused_digests: text })
    .where('id', '=', pinId)
    .where((eb) => eb.or([eb('refused_digests', 'is', null), eb('refused_digests', '<>', text)]))
    .returning('id')
    .execute()
  return rows.length > 0
}

/** Whether anything was ever refused in a place. */
export async function refusesAny(db: Db, { rootId, format }: PinPlace): Promise<boolean> {
  const row = await db
    .selectFrom('upstream_pins')
    .select('id')
    .where('root_id', '=', rootId)
    .where('format', '=', format)
    .where('refused_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** A text that differs whenever what was refused of a name does. */
export async function refusedStamp(db: Db, { rootId, format }: PinPlace, name: string): Promise<string> {
  const row = await db
    .selectFrom('upstream_pins')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('refused_at').as('last')])
    .where('root_id', '=', rootId)
    .where('format', '=', format)
    .where('name', '=', name)
    .where('refused_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(row.count) === 0 ? '' : `${row.count}.${row.last}`
}
