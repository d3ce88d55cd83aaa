/** Accepting other bytes than those that were seen first: by hand, and noted. */
import type { GroupRow, UpstreamPinRow } from '../../../database/schema.ts'
import { conflict } from '../../../lib/problem.ts'
import type { Acting } from '../../owners/acting.ts'
import { found, manage, recordAt } from '../../owners/manage.ts'
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
  const owner = group ? ({ kind: 'group', group } as const) : ({ kind: 'instance' } as const)
  return manage(acting, owner, async (db) => {
    const before = found(await findPinById(db, group?.id ?? instanceRoot, id), 'Pin')
    if (before.refused_digests === null) throw conflict('no upstream has offered other bytes for this file')
    const now = acting.core.clock()
    const pin = await acceptRefused(db, before, now)
    const forgotten = await forgetPinnedFiles(db, before, now)
    const { format, name, version, path } = pin
    const digests = { before: JSON.parse(before.digests), after: JSON.parse(pin.digests) }
    const detail = { pin: id, path, ...digests, files_forgotten: forgotten }
    const subject = { format, name, ...(version === null ? {} : { version }), detail }
    await recordAt(db, acting, owner, 'upstream.repinned', subject)
    return pin
  })
}
