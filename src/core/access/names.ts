import { forbidden } from '../../lib/problem.ts'
import type { Core } from '../core.ts'
import { demand } from './authorize.ts'
import { matchesPattern } from './patterns.ts'
import type { Principal } from './principal.ts'
import { refuseProtected, type NameInProject } from './protection.ts'
import type { Permission } from './rights.ts'

/** Throws the refusal unless the caller has the permission on the project and may write this very name. */
export async function demandName(
  core: Core,
  generation: number,
  principal: Principal,
  permission: Permission,
  name: NameInProject,
): Promise<void> {
  await demand(core, generation, principal, permission, { kind: 'project', project: name.project })
  refuseForeignName(principal, name.key)
  await refuseProtected(core, generation, principal, name)
}

/** Throws 403 if the caller's token is for other names only. */
export function refuseForeignName(principal: Principal, key: string): void {
  if (principal.kind !== 'machine' || !principal.namePatterns) return
  if (principal.namePatterns.some((pattern) => matchesPattern(pattern, key))) return
  throw forbidden('403 Forbidden - this token may not write packages of that name')
}
