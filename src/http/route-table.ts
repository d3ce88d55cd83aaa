/** Finds the route for a method and a path: per-method lists of compiled patterns, tried in order. */
import type { Method } from '../formats/format.ts'
import { compilePattern, decodeSegments, type Matcher } from './route-pattern.ts'

/** What `match` found: a route with its decoded parameters, or the methods this path would answer (for a 405). */
export type Match<T> =
  | { readonly route: T; readonly params: Readonly<Record<string, string>> }
  | { readonly route?: undefined; readonly allow: readonly string[] }

export interface RouteTable<T> {
  /**
   * `segments` as `parseTarget` gives them, undecoded: each is decoded exactly once, those of a `+` joined by '/'.
   * HEAD is answered by GET's routes. Literals are compared with the decoded segment, so a needlessly encoded spelling
   * (`%2d` for `-`) finds the same route. Undefined: no such path (404).
   */
  match(method: string, segments: readonly string[]): Match<T> | undefined
}

interface Compiled<T> {
  readonly route: T
  readonly matcher: Matcher
}

/**
 * Compiles patterns: `/:name` is one segment, `/:path+` one or more anywhere (at most two in a pattern; the first takes
 * as few as it can), text may stand around a name (`/:version.zip`), a trailing '/' matches only a trailing '/'. No
 * parameter is ever empty. Throws an `Error` naming a pattern that cannot be read.
 */
export function compileRoutes<T extends { readonly method: Method; readonly path: string }>(
  routes: readonly T[],
): RouteTable<T> {
  const byMethod = new Map<string, Compiled<T>[]>()
  for (const route of routes) {
    const list = byMethod.get(route.method) ?? []
    list.push({ route, matcher: compilePattern(route.path) })
    byMethod.set(route.method, list)
  }
  return {
    match(method, segments) {
      const decoded = decodeSegments(segments)
      if (!decoded) return undefined
      return (
        firstMatch(byMethod.get(method === 'HEAD' ? 'GET' : method), decoded) ?? allowed(byMethod, decoded)
      )
    },
  }
}

function firstMatch<T>(list: readonly Compiled<T>[] | undefined, segments: readonly string[]) {
  if (!list) return undefined
  for (const { route, matcher } of list) {
    const params = matcher(segments)
    if (params) return { route, params }
  }
  return undefined
}

function allowed<T>(byMethod: ReadonlyMap<string, Compiled<T>[]>, segments: readonly string[]) {
  const allow = []
  for (const [method, list] of byMethod) {
    if (!firstMatch(list, segments)) continue
    allow.push(method)
    if (method === 'GET') allow.push('HEAD')
  }
  return allow.length > 0 ? { allow } : undefined
}
