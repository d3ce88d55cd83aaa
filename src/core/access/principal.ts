import type { Origin } from '../records/events.ts'

/** What a token may do at most. */
export type Scope = 'api' | 'read_api' | 'read_package_registry' | 'write_package_registry'
export const scopes: readonly Scope[] = ['api', 'read_api', 'read_package_registry', 'write_package_registry']

/** Who calls. */
export type Principal = Anonymous | Person | Machine
export interface Anonymous {
  readonly kind: 'anonymous'
}
/** A token as it was presented; its scopes are a ceiling. */
export interface PresentedToken {
  readonly id: number
  readonly scopes: readonly Scope[]
}
/** A user, by a token or signed in on the web. */
export interface Person {
  readonly kind: 'user'
  readonly userId: number
  readonly username: string
  readonly admin: boolean
  /** Undefined: signed in on the web, no ceiling. */
  readonly token?: PresentedToken
}
/** A token that stands on a group or project and is nobody elsewhere. Only people count as signed in for `internal`. */
export interface Machine {
  readonly kind: 'machine'
  readonly what: 'project_token' | 'group_token' | 'deploy_token' | 'job_token'
  /** As shown: a deploy token's user name, `job:<issuer>:<subject>` ... */
  readonly username: string
  readonly token: PresentedToken
  /** Where its role holds: a project, or a group with everything below. */
  readonly at: { readonly projectId: number } | { readonly groupId: number }
  readonly role: number
  /** Patterns of the names it may write; undefined: all. */
  readonly namePatterns?: readonly string[]
}

export const anonymous: Anonymous = { kind: 'anonymous' }

/** The part of an event's origin that the principal decides. */
export function originOf(principal: Principal): Pick<Origin, 'userId' | 'tokenId' | 'actor'> {
  if (principal.kind === 'anonymous') return { userId: null, tokenId: null, actor: null }
  const userId = principal.kind === 'user' ? principal.userId : null
  return { userId, tokenId: principal.token?.id ?? null, actor: principal.username }
}
