/** Pins of files from upstream, as those who answer for them see and renew them. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { UpstreamPinRow } from '../../database/schema.ts'

/** The root of what registries of the whole instance pinned. */
export const instanceRoot = 0

export interface PinFilter {
  readonly format?: string | undefined
  /** Whether an upstream has offered other bytes. */
  readonly refused?: boolean | undefined
}

/** Those below a top-level group: alarms first, the latest before the others. */
export function pinList(db: Db, rootId: number, { format, refused }: PinFilter) {
  let pins = db.selectFrom('upstream_pins').selectAll().where('root_id', '=', rootId)
  if (format !== undefined) pins = pins.where('format', '=', format)
  if (refused !== undefined) pins = pins.where('refused_at', refused ? 'is not' : 'is', null)
  return pins.orderBy(sql`coalesce(refused_at, 0)`, 'desc').orderBy('id', 'desc')
}

export function findPinById(db: Db, rootId: number, id: number): Promise<UpstreamPinRow | undefined> {
  return pinList(db, rootId, {}).where('id', '=', id).executeTakeFirst()
}

/** From now on the bytes that were refused last are the right ones, and no others. */
export function acceptRefused(db: Db, pin: UpstreamPinRow, now: number): Promise<UpstreamPinRow> {
  return db
    .updateTable('upstream_pins')
    .set({ digests: pin.refused_digests!, first_seen_at: now, refused_at: null, refused_digests: null })
    .where('id', '=', pin.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/**
 * Forgets the file that a pin was about in the upstreams below its top-level group, or of the instance for its pins. What
 * the instance's upstreams keep stays for a group: others are served from it. Returns how many were forgotten.
 */
export async function forgetPinnedFiles(db: Db, pin: UpstreamPinRow, now: number): Promise<number> {
  const gone = await db
    .deleteFrom('upstream_files')
    .where('path', '=', pin.path)
    .where('upstream_id', 'in', upstreamsBelow(db, pin))
    .returning('blob_id')
    .execute()
  if (gone.length > 0) {
    const notes = gone.map(({ blob_id }) => ({ blob_id, noted_at: now }))
    await db.insertInto('released_blobs').values(notes).execute()
  }
  return gone.length
}

function upstreamsBelow(db: Db, { root_id: rootId, format }: UpstreamPinRow) {
  const ofFormat = db.selectFrom('upstreams').select('upstreams.id').where('upstreams.format', '=', format)
  if (rootId === instanceRoot) return ofFormat.where('group_id', 'is', null).where('project_id', 'is', null)
  const groups = db.selectFrom('groups').select('groups.id').where('root_id', '=', rootId)
  const projects = db.selectFrom('projects').select('projects.id').where('projects.group_id', 'in', groups)
  return ofFormat.where((eb) => eb.or([eb('group_id', 'in', groups), eb('project_id', 'in', projects)]))
}
