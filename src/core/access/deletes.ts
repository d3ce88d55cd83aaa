import type { PackageRow, ProjectRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { authorize, refusal, type Decision } from './authorize.ts'
import { refuseForeignName } from './names.ts'
import type { Principal } from './principal.ts'
import { isDeleteProtected, keyOfName, refuseDeleteProtected } from './protection.ts'

const anHour = 3_600_000

/**
 * Throws the refusal unless the caller may delete this package: maintainers may, and who published it may within
 * an hour; a rule may protect it from both, and a token may be for other names only.
 */
export async function demandDelete(
  core: Core,
  generation: number,
  principal: Principal,
  project: ProjectRow,
  pkg: PackageRow,
): Promise<void> {
  const decision = await decide(core, generation, principal, project, pkg)
  if (decision !== 'allowed') throw refusal(decision, principal, 'delete', { kind: 'project', project })
  if (principal.kind === 'machine' && principal.namePatterns) {
    refuseForeignName(principal, await keyOfName(core, generation, pkg.name_id))
  }
  await refuseDeleteProtected(core, generation, principal, project, pkg)
}

/** As `demandDelete`, for those who only offer it. */
export async function mayDelete(
  core: Core,
  generation: number,
  principal: Principal,
  project: ProjectRow,
  pkg: PackageRow,
): Promise<boolean> {
  const decision = await decide(core, generation, principal, project, pkg)
  return decision === 'allowed' && !(await isDeleteProtected(core, generation, principal, project, pkg))
}

async function decide(
  core: Core,
  generation: number,
  principal: Principal,
  project: ProjectRow,
  pkg: PackageRow,
): Promise<Decision> {
  const resource = { kind: 'project', project } as const
  const decision = await authorize(core, generation, principal, 'delete', resource)
  const isOwn = principal.kind === 'user' && pkg.creator_id === principal.userId
  const isRecent = core.clock() - pkg.created_at < anHour
  if (decision === 'allowed' || !isOwn || !isRecent) return decision
  const own = await authorize(core, generation, principal, 'delete_own', resource)
  return own === 'allowed' ? own : decision
}
