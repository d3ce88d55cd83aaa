import { notFound } from '../lib/problem.ts'
import { decodeSegment, type Target } from '../http/paths.ts'

/** `/groups/<path>[/-/<rest>]` or `/<path>[/-/<rest>]`. */
export interface OwnerAddress {
  readonly kind: 'group' | 'project'
  readonly path: string
  /** What stands behind `/-/`, decoded. */
  readonly rest: readonly string[]
}

/** Reads the address of a group's or project's page. Throws 404 where it can be none. */
export function ownerAddress({ segments }: Target): OwnerAddress {
  const decoded = segments.map(decodeSegment)
  if (decoded.at(-1) === '') decoded.pop()
  if (decoded.some((segment) => segment === '' || segment.includes('/'))) throw notFound()
  const kind = decoded[0] === 'groups' ? 'group' : 'project'
  const own = kind === 'group' ? decoded.slice(1) : decoded
  const dash = own.indexOf('-')
  const path = (dash < 0 ? own : own.slice(0, dash)).join('/')
  if (path === '') throw notFound()
  return { kind, path, rest: dash < 0 ? [] : own.slice(dash + 1) }
}
