/** Where in the URL a package route's level, format and own path stand. */
import type { Format, Level } from '../formats/format.ts'

export interface PackageAddress {
  readonly level: Level
  /** The undecoded number or path of the project or group; empty at instance level. */
  readonly id: string
  readonly formatId: string
  /** Undecoded. */
  readonly rest: readonly string[]
}

/**
 * Reads `/api/v4/{projects/:id,groups/:id/-,}/packages/<format>/...`; undefined: no package route. What explains a name
 * (`.../-/explain`) is REST.
 */
export function packageAddress(segments: readonly string[]): PackageAddress | undefined {
  if (segments[0] !== 'api' || segments[1] !== 'v4') return undefined
  if (segments[2] === 'projects' && segments[4] === 'packages') return address('project', segments, 5)
  if (segments[2] === 'groups' && segments[4] === '-' && segments[5] === 'packages')
    return address('group', segments, 6)
  if (segments[2] === 'packages') return address('instance', segments, 3)
  return undefined
}

function address(level: Level, segments: readonly string[], at: number): PackageAddress | undefined {
  const formatId = segments[at]
  if (formatId === undefined) return undefined
  // Publishing clients are told the address without a slash at its end.
  const rest = segments.length === at + 1 ? [''] : segments.slice(at + 1)
  if (rest.length === 2 && rest[0] === '-' && rest[1] === 'explain') return undefined
  return { level, id: level === 'instance' ? '' : segments[3]!, formatId, rest }
}

const levelPatterns: Readonly<Record<Level, string>> = {
  project: '/api/v4/projects/:id/packages/',
  group: '/api/v4/groups/:id/-/packages/',
  instance: '/api/v4/packages/',
}
const patterns = new WeakMap<object, Partial<Record<Level, string>>>()

/** The pattern of a route's address, level and format included: what logs and metrics call a request. */
export function patternOf(
  route: { readonly path: string },
  { level }: PackageAddress,
  { id, rootRoutes }: Format<any>,
): string {
  let known = patterns.get(route)
  if (!known) patterns.set(route, (known = {}))
  const isAtRoot = (rootRoutes as readonly object[] | undefined)?.includes(route)
  return (known[level] ??= isAtRoot ? route.path : `${levelPatterns[level]}${id}${route.path}`)
}
