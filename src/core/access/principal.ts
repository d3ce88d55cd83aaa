import type { Origin } from '../records/events.ts'

/** What a token may do at most. */
export type Scope = 'api' | 'read_api' | 'read_package_registry' | 'write_package_registry'
export const scopes: readonly Scope[] = ['api', 'read_api', 'read_package_registry', 'write_package_registry']

/** Who calls. */
export type Principal = Anonymous | Person
export interface Anonymous {
  readonly kind: 'anonymous'
}
/** A user, by a token (whose scopes are a ceiling) or signed in on the web. */
export interface Person {
  readonly kind: 'user'
  readonly userId: number
  readonly username: string
  readonly admin: boolean
  /** Undefined: signed in on the web, no ceiling. */
  readonly token?: { readonly id: number; readonly scopes: readonly Scope[] }
}

export const anonymous: Anonymous = { kind: 'anonymous' }

/** The part of an event's origin that the principal decides. */
export function originOf(principal: Principal): Pick<Origin, 'userId' | 'tokenId'> {
  if (principal.kind === 'anonymous') return { userId: null, tokenId: null }
  return { userId: principal.userId, tokenId: principal.token?.id ?? null }
}
