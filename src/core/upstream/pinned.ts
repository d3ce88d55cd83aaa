/** Bytes that were seen once are the only ones under their name below a top-level group. */
import { Problem } from '../../lib/problem.ts'
import type { Digests } from '../../formats/format.ts'
import type { Core } from '../core.ts'
import { agree } from '../records/digests.ts'
import { ownOrigin, recordEvent } from '../records/events.ts'
import { noteRefused, type Pin, type PinPlace } from '../records/pins.ts'
import type { Upstream } from '../records/upstreams.ts'

/** What is offered, by whom, and where it is asked for. */
export interface Offer {
  readonly upstream: Pick<Upstream, 'id' | 'name'>
  readonly place: PinPlace
  readonly path: string
}

/** Throws 502 where the bytes on offer are others than were first seen, and raises the alarm. */
export async function demandPinned(core: Core, offer: Offer, pin: Pin, digests: Digests): Promise<void> {
  if (agree(pin.digests, digests)) return
  await raiseAlarm(core, offer, pin, digests)
  throw pinnedOtherwise(offer.upstream, offer.path)
}

export function pinnedOtherwise({ name }: Pick<Upstream, 'name'>, path: string): Problem {
  return new Problem(
    502,
    'pinned_otherwise',
    `the upstream ${JSON.stringify(name)} offers other bytes of ${path} than were first seen here; an owner of the group can accept them`,
  )
}

/** Notes the offer with the pin, in the log and in the audit log, once for the same bytes. */
export async function raiseAlarm(core: Core, { upstream, place, path }: Offer, pin: Pin, digests: Digests) {
  const now = core.clock()
  const isNew = await core.database.write(async (db) => {
    if (!(await noteRefused(db, pin.id, digests, now))) return false
    const groupId = place.rootId === 0 ? undefined : place.rootId
    const detail = { path, upstream: upstream.name, first_seen: pin.digests, offered: digests }
    await recordEvent(
      db,
      'upstream.mismatch',
      ownOrigin,
      { ...(groupId && { groupId }), format: place.format, detail },
      now,
    )
    return true
  })
  if (isNew)
    core.log.error({ path, upstream: upstream.id }, 'an upstream offers other bytes than were first seen')
}
