import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'
import { Problem, forbidden, notFound, unauthorized } from '../../lib/problem.ts'
import { rolesOf } from '../records/members.ts'
import { ancestorsOf } from '../records/groups.ts'
import type { Machine, Principal } from './principal.ts'
import { asRefusal } from './refused.ts'
import { rights, roles, type Permission } from './rights.ts'

/** What a permission is asked on. */
export type Resource =
  | { readonly kind: 'project'; readonly project: ProjectRow }
  | { readonly kind: 'group'; readonly group: GroupRow }
  | { readonly kind: 'instance' }

/**
 * Allowed, or why not: `hidden` callers must not learn that the resource exists; `refused` ones may see it;
 * `scope`: the person could, the token cannot.
 */
export type Decision = 'allowed' | 'hidden' | 'refused' | 'scope'

/**
 * The one place where it is decided who may do what. Default: no.
 * `generation` is the freshness the request was given.
 */
export async function authorize(
  core: Core,
  generation: number,
  principal: Principal,
  permission: Permission,
  resource: Resource,
): Promise<Decision> {
  if (principal.kind === 'anonymous' && !core.config.access.anonymous) return 'hidden'
  const right = rights[permission]
  if (!isAdmin(principal) && !isOpen(principal, permission, resource)) {
    const role = await roleOn(core, generation, principal, resource)
    if (right.role === 'admin' || role < right.role)
      return maySee(principal, role, resource) ? 'refused' : 'hidden'
  }
  if (switchedOff(permission, resource)) return 'refused'
  return reaches(principal, permission) ? 'allowed' : 'scope'
}

/** As `authorize`, but throws the refusal: 401 for anonymous callers, 404 or 403 for others. */
export async function demand(
  core: Core,
  generation: number,
  principal: Principal,
  permission: Permission,
  resource: Resource,
): Promise<void> {
  const decision = await authorize(core, generation, principal, permission, resource)
  if (decision !== 'allowed') throw refusal(decision, principal, permission, resource)
}

/** The error that answers a refused request, in the order of GitLab's package routes. */
export function refusal(
  decision: Exclude<Decision, 'allowed'>,
  principal: Principal,
  permission: Permission,
  resource: Resource,
): Problem {
  return asRefusal(answerTo(decision, principal, permission, resource), permission, resource)
}

function answerTo(
  decision: Exclude<Decision, 'allowed'>,
  principal: Principal,
  permission: Permission,
  resource: Resource,
): Problem {
  if (principal.kind === 'anonymous') return unauthorized()
  if (decision === 'hidden')
    return notFound(`404 ${resource.kind === 'group' ? 'Group' : 'Project'} Not Found`)
  if (decision === 'scope') {
    const wanted = rights[permission].scopes.join(' or ')
    return new Problem(403, 'insufficient_scope', `403 Forbidden - this token lacks the scope ${wanted}`)
  }
  return forbidden()
}

/** Whether the presented token's scopes, if there is one, hold the permission. */
export function reaches(principal: Principal, permission: Permission): boolean {
  if (principal.kind === 'anonymous' || !principal.token) return true
  return principal.token.scopes.some((scope) => rights[permission].scopes.includes(scope))
}

function isAdmin(principal: Principal): boolean {
  return principal.kind === 'user' && principal.admin
}

/** What visibility alone allows. */
function isOpen(principal: Principal, permission: Permission, resource: Resource): boolean {
  if (resource.kind === 'instance') return permission === 'see'
  const { visibility } = resource.kind === 'project' ? resource.project : resource.group
  const open = visibility === 'public' || (visibility === 'internal' && principal.kind === 'user')
  if (permission === 'see') return open
  if (permission !== 'read_packages') return false
  return open || (resource.kind === 'project' && resource.project.packages_access === 'public')
}

function maySee(principal: Principal, role: number, resource: Resource): boolean {
  return role >= roles.guest || isOpen(principal, 'see', resource)
}

const packagePermissions: readonly Permission[] = ['read_packages', 'publish', 'delete', 'delete_own']

function switchedOff(permission: Permission, resource: Resource): boolean {
  return (
    resource.kind === 'project' &&
    resource.project.packages_access === 'disabled' &&
    packagePermissions.includes(permission)
  )
}

/** The principal's highest role on the resource, inherited ones included; 0 for none. */
export async function roleOn(
  core: Core,
  generation: number,
  principal: Principal,
  resource: Resource,
): Promise<number> {
  if (principal.kind === 'anonymous' || resource.kind === 'instance') return roles.none
  const groupId = resource.kind === 'project' ? resource.project.group_id : resource.group.id
  const projectId = resource.kind === 'project' ? resource.project.id : undefined
  if (principal.kind === 'machine') return machineRole(core, generation, principal, groupId, projectId)
  const key = `role/${principal.userId}/${groupId}/${projectId ?? ''}`
  const load = async () => {
    const rows = await rolesOf(core.database.read, principal.userId, groupId, projectId, core.clock())
    return {
      role: Math.max(roles.none, ...rows.map((row) => row.role)),
      until: Math.min(Infinity, ...rows.map((row) => row.expires_at ?? Infinity)),
    }
  }
  return (await core.kept.get(key, generation, load, (value) => value.until)).role
}

/** A machine's role holds where its token stands and below. */
async function machineRole(
  core: Core,
  generation: number,
  { at, role }: Machine,
  groupId: number,
  projectId: number | undefined,
): Promise<number> {
  if ('projectId' in at) return at.projectId === projectId ? role : roles.none
  const above = await core.kept.get(`above/${groupId}`, generation, () =>
    ancestorsOf(core.database.read, groupId),
  )
  return above.includes(at.groupId) ? role : roles.none
}
