/** Names that a top-level group keeps for itself: never taken from upstream, and published first by whom it says. */
import type { Db } from '../../database/database.ts'
import type { ProjectRow } from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import { Problem } from '../../lib/problem.ts'
import { matchesPattern } from '../access/patterns.ts'
import type { Core } from '../core.ts'
import { findGroup } from '../records/groups.ts'
import { reservationsIn, reservationsOf } from '../records/name-reservations.ts'

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
  rootId: number,
  format: Format<any>,
  key: string,
): Promise<boolean> {
  const root = await core.kept.get(`group/${rootId}`, generation, () => findGroup(core.database.read, rootId))
  const [ownerGroup] = format.names.owner?.(key)?.toLowerCase().split('/', 1) ?? []
  if (root && ownerGroup === root.path.toLowerCase()) return true
  const rules = await core.kept.get(`reserved/${rootId}/${format.id}`, generation, () =>
    reservationsOf(core.database.read, rootId).where('format', '=', format.id).execute(),
  )
  return matchesAny(rules, key)
}

/** The same for the instance's registry: whether any top-level group has reserved the name. */
export async function isReservedAnywhere(
  core: Core,
  generation: number,
  format: Format<any>,
  key: string,
): Promise<boolean> {
  const rules = await core.kept.get(`reserved/all/${format.id}`, generation, () =>
    reservationsIn(core.database.read, format.id).execute(),
  )
  return matchesAny(rules, key)
}

function matchesAny(rules: readonly { readonly pattern: string }[], key: string): boolean {
  const lower = key.toLowerCase()
  return rules.some((rule) => matchesPattern(rule.pattern.toLowerCase(), lower))
}
