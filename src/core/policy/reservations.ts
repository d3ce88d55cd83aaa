/** Names that a top-level group keeps for itself: never taken from upstream, and published first by whom it says. */
import type { Db } from '../../database/database.ts'
import { foldCase } from '../../database/pattern-anchor.ts'
import type { ProjectRow } from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import { Problem } from '../../lib/problem.ts'
import { turn } from '../../lib/turn.ts'
import { matchesPattern } from '../access/patterns.ts'
import type { Core } from '../core.ts'
import { findGroup } from '../records/groups.ts'
import { inBatches } from '../records/batches.ts'
import { fewReservations, reservationsNear, reservationsOf } from '../records/name-reservations.ts'

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
  const patterns = await core.kept.get(`reserved/${rootId}/${format.id}`, generation, async () =>
    folded(await reservationsOf(core.database.read, rootId).where('format', '=', format.id).execute()),
  )
  return matchesAny(patterns, key)
}

/** So many patterns are kept in memory and compared one after the other; of more, those are asked for that may match. */
const mostInMemory = 500
/** Names of one question. */
const namesAtOnce = 20

/** The same for the instance's registry: which of the names any top-level group has reserved. */
export async function reservedAnywhere(
  core: Core,
  generation: number,
  format: Format<any>,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const few = await core.kept.get(`reserved/all/${format.id}`, generation, async () => {
    const rules = await fewReservations(core.database.read, format.id, mostInMemory)
    return rules && folded(rules)
  })
  if (few) return new Set(keys.filter((key) => matchesAny(few, key)))
  const [key] = keys
  if (keys.length !== 1) return reservedAmong(core, format, keys)
  return core.kept.get(`reserved/all/${format.id}/${key}`, generation, () =>
    reservedAmong(core, format, keys),
  )
}

async function reservedAmong(
  core: Core,
  format: Format<any>,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const reserved = new Set<string>()
  for (const some of inBatches(keys, namesAtOnce)) {
    const open = new Set(some)
    for await (const rules of reservationsNear(core.database.read, format.id, some)) {
      const patterns = folded(rules)
      for (const key of open) {
        if (!matchesAny(patterns, key)) continue
        reserved.add(key)
        open.delete(key)
      }
      if (open.size === 0) break
      await turn()
    }
  }
  return reserved
}

const folded = (rules: readonly { readonly pattern: string }[]) =>
  rules.map(({ pattern }) => foldCase(pattern))

function matchesAny(patterns: readonly string[], key: string): boolean {
  const name = foldCase(key)
  return patterns.some((pattern) => matchesPattern(pattern, name))
}
