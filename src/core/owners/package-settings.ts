import type { GroupRow } from '../../database/schema.ts'
import type { Duplicates } from '../../formats/format.ts'
import { linearPattern } from '../../lib/linear-pattern.ts'
import { setDuplicates } from '../policy/duplicates.ts'
import type { Acting } from './acting.ts'
import { manage, recordAt } from './manage.ts'

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
  const owner = { kind: 'group', group } as const
  await manage(acting, owner, async (db) => {
    if (wish?.exception) linearPattern(wish.exception)
    await setDuplicates(db, group.id, format, wish?.duplicates ?? null, wish?.exception ?? null)
    const detail = wish ?? { duplicates: null }
    await recordAt(db, acting, owner, 'settings.changed', { format, detail })
  })
}
