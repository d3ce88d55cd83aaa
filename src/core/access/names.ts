import { forbidden } from '../../lib/problem.ts'
import type { ProjectRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { demand } from './authorize.ts'
import type { Principal } from './principal.ts'
import type { Permission } from './rights.ts'

/** A name that somebody wants to write: the verb of a registry authorises again on exactly this one. */
export interface NameInProject {
  readonly project: ProjectRow
  readonly format: string
  /** Normalised. */
  readonly key: string
}

/** Throws the refusal unless the caller has the permission on the project and may write this very name. */
export async function demandName(
  core: Core,
  generation: number,
  principal: Principal,
  permission: Permission,
  { project, key }: NameInProject,
): Promise<void> {
  await demand(core, generation, principal, permission, { kind: 'project', project })
  refuseForeignName(principal, key)
}

/** Throws 403 if the caller's token is for other names only. */
export function refuseForeignName(principal: Principal, key: string): void {
  if (principal.kind !== 'machine' || !principal.namePatterns) return
  if (principal.namePatterns.some((pattern) => matchesPattern(pattern, key))) return
  throw forbidden('403 Forbidden - this token may not write packages of that name')
}

/** `*` stands for any text, everything else for itself. Takes time linear in both lengths for each `*`. */
export function matchesPattern(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (!text.startsWith(first)) return false
  const last = rest.pop()
  if (last === undefined) return text === first
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
