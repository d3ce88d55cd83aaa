/** Names that a top-level group keeps for itself: never taken from upstream, and published first by whom it says. */
import type { Db } from '../../database/database.ts'
import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import { Problem } from '../../lib/problem.ts'
import { matchesPattern } from '../access/patterns.ts'
import type { Core } from '../core.ts'
import { reservationsOf } from '../records/name-reservations.ts'

/** Throws 403 if a name that nobody published in the project is reserved for others in its top-level group. */
export async function refuseReserved(
  db: Db,
  project: ProjectRow,
  format: Format<any>,
  key: string,
): Promise<void> {
  const rules = await reservationsOf(db, project.root_id).where('format', '=', format.id).execute()
  const matching = rules.filter((rule) => rule.project_id !== null && matchesPattern(rule.pattern, key))
  if (matching.length === 0 || matching.some((rule) => rule.project_id === project.id)) return
  throw new Problem(
    403,
    'reserved',
    `403 Forbidden - names like ${matching[0]!.pattern} are reserved for another project`,
  )
}

/**
 * Whether below a top-level group nothing of this name may come from upstream, even if nobody published it there: by a
 * reservation, or because the name says that it belongs to the group (an npm scope equal to its path). Compared
 * without case: what only looks like a reserved name is reserved too.
 */
export async function isReserved(
  core: Core,
  generation: number,
  root: GroupRow,
  format: Format<any>,
  key: string,
): Promise<boolean> {
  const lower = key.toLowerCase()
  const [ownerGroup] = format.names.owner?.(key)?.toLowerCase().split('/', 1) ?? []
  if (ownerGroup === root.path.toLowerCase()) return true
  const rules = await core.kept.get(`reserved/${root.id}/${format.id}`, generation, () =>
    reservationsOf(core.database.read, root.id).where('format', '=', format.id).execute(),
  )
  return rules.some((rule) => matchesPattern(rule.pattern.toLowerCase(), lower))
}
