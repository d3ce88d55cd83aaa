import type { PackageRow, ProjectRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { authorize, refusal } from './authorize.ts'
import type { Principal } from './principal.ts'

const anHour = 3_600_000

/**
 * Throws the refusal unless the caller may delete this package: maintainers may, and who published it may within
 * an hour.
 */
export async function demandDelete(
  core: Core,
  generation: number,
  principal: Principal,
  project: ProjectRow,
  pkg: PackageRow,
): Promise<void> {
  const resource = { kind: 'project', project } as const
  const decision = await authorize(core, generation, principal, 'delete', resource)
  if (decision === 'allowed') return
  const isOwn = principal.kind === 'user' && pkg.creator_id === principal.userId
  const isRecent = core.clock() - pkg.created_at < anHour
  if (
    isOwn &&
    isRecent &&
    (await authorize(core, generation, principal, 'delete_own', resource)) === 'allowed'
  )
    return
  throw refusal(decision, principal, 'delete', resource)
}
