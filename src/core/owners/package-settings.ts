import type { GroupRow } from '../../database/schema.ts'
import type { Duplicates } from '../../formats/format.ts'
import { linearPattern } from '../../lib/linear-pattern.ts'
import { demand } from '../access/authorize.ts'
import { setDuplicates } from '../policy/duplicates.ts'
import { recordEvent } from '../records/events.ts'
import type { Acting } from './acting.ts'

export interface DuplicatesWish {
  readonly duplicates: Duplicates
  /** Where it matches a whole name or version, the opposite holds. */
  readonly exception: string | null
}

/**
 * Says whether published files may be replaced below a group; null: as inherited.
 * @throws Problem 401, 403 or 404 where the caller may not; 400 for a pattern that is none.
 */
export async function changeDuplicates(
  acting: Acting,
  group: GroupRow,
  format: string,
  wish: DuplicatesWish | null,
): Promise<void> {
  const { core, generation, principal, origin } = acting
  await demand(core, generation, principal, 'admin_group', { kind: 'group', group })
  if (wish?.exception) linearPattern(wish.exception)
  await core.database.write(async (db) => {
    await setDuplicates(db, group.id, format, wish?.duplicates ?? null, wish?.exception ?? null)
    const subject = { groupId: group.id, format, detail: wish ?? { duplicates: null } }
    await recordEvent(db, 'settings.changed', origin, subject, core.clock())
  })
}
