/** Accepting other bytes than those that were seen first: by hand, and noted. */
import type { GroupRow, UpstreamPinRow } from '../../../database/schema.ts'
import { conflict, notFound } from '../../../lib/problem.ts'
import { demand } from '../../access/authorize.ts'
import type { Acting } from '../../owners/acting.ts'
import { recordEvent } from '../../records/events.ts'
import { acceptRefused, findPinById, forgetPinnedFiles, instanceRoot } from '../../records/pin-lists.ts'

/**
 * Pins a file to the bytes that its upstream offered last and that were refused; those kept until now are forgotten.
 * `group`: a top-level one; undefined: the instance.
 * @throws Problem 401, 403 or 404 where the caller may not, or for an unknown pin; 409 where nothing was refused.
 */
export async function repin(
  acting: Acting,
  group: GroupRow | undefined,
  id: number,
): Promise<UpstreamPinRow> {
  const { core, generation, principal, origin } = acting
  const owner = group ? ({ kind: 'group', group } as const) : ({ kind: 'instance' } as const)
  await demand(core, generation, principal, group ? 'admin_group' : 'admin_instance', owner)
  return core.database.write(async (db) => {
    const before = await findPinById(db, group?.id ?? instanceRoot, id)
    if (!before) throw notFound('404 Pin Not Found')
    if (before.refused_digests === null) throw conflict('no upstream has offered other bytes for this file')
    const now = core.clock()
    const pin = await acceptRefused(db, before, now)
    const forgotten = await forgetPinnedFiles(db, before, now)
    const { format, name, version, path } = pin
    const digests = { before: JSON.parse(before.digests), after: JSON.parse(pin.digests) }
    const detail = { pin: id, path, ...digests, files_forgotten: forgotten }
    const subject = { format, name, ...(version === null ? {} : { version }), detail }
    await recordEvent(
      db,
      'upstream.repinned',
      origin,
      { ...(group ? { groupId: group.id } : {}), ...subject },
      now,
    )
    return pin
  })
}
