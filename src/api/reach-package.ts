/** Finds the package a REST route names. */
import { authorize } from '../core/access/authorize.ts'
import { findListedPackage, type ListedPackage } from '../core/records/package-lists.ts'
import { listed } from '../core/records/packages.ts'
import type { ProjectRow } from '../database/schema.ts'
import { forbidden, notFound } from '../lib/problem.ts'
import { reachProject } from './reach.ts'
import type { Call } from './route.ts'

/** Throws 404 where the registry is switched off for the whole server. */
export function requirePackages({ core }: Pick<Call, 'core'>): void {
  if (!core.config.packages.enabled) throw notFound()
}

/**
 * A package that lists show, or, for those who may restore it, a removed one.
 * @throws Problem 404 or 403
 */
export async function reachPackage(
  call: Call<{ readonly id: string; readonly package_id: number }>,
  status: 'pending_destruction' | undefined,
): Promise<{ readonly project: ProjectRow; readonly pkg: ListedPackage }> {
  requirePackages(call)
  const { core, generation, principal, params } = call
  const project = await reachProject(call, params.id, 'read_packages')
  if (status !== undefined) {
    const decision = await authorize(core, generation, principal, 'delete', { kind: 'project', project })
    if (decision !== 'allowed') throw forbidden()
  }
  const pkg = await findListedPackage(core.database.read, project.id, params.package_id)
  const isShown = pkg && (listed.includes(pkg.status) || pkg.status === status)
  if (!isShown) throw notFound('404 Package Not Found')
  return { project, pkg }
}

/** The second of `If-Unmodified-Since` in milliseconds since 1970; what is no date is not there (RFC 9110). */
export function unmodifiedSince({ headers }: Pick<Call, 'headers'>): number | undefined {
  const value = headers['if-unmodified-since']
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
