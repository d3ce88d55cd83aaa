/** What an address says, whoever asks: the level, the format and the route. */
import type { Core } from '../core/core.ts'
import type { Format, OpenRoute, Route } from '../formats/format.ts'
import { packageAddress, type PackageAddress } from './package-address.ts'
import { compileRoutes, type Match, type RouteTable } from './route-table.ts'

export interface Place {
  readonly address: PackageAddress
  readonly format: Format<any>
  /** The route for a method; undefined: nothing is there. */
  match(method: string): Match<Route<any>> | undefined
}

/** Compiles the routes of all formats; the function returned is undefined for what is no address of theirs. */
export function createPlaces(core: Core): (segments: readonly string[]) => Place | undefined {
  const tables = new Map<string, RouteTable<Route<any>>>()
  const atRoot: [Format<any>, RouteTable<OpenRoute>][] = []
  for (const format of core.formats.values()) {
    tables.set(format.id, compileRoutes(format.routes))
    if (format.rootRoutes) atRoot.push([format, compileRoutes(format.rootRoutes)])
  }
  return (segments) => {
    const address = packageAddress(segments)
    const format = address && core.formats.get(address.formatId)
    if (address && format) return place(address, format, tables.get(format.id)!)
    const found = atRoot.find(([, table]) => table.match('GET', segments) !== undefined)
    if (!found) return undefined
    const [owner, table] = found
    return place({ level: 'instance', id: '', formatId: owner.id, rest: segments }, owner, table)
  }
}

function place(address: PackageAddress, format: Format<any>, table: RouteTable<Route<any>>): Place {
  let known: { readonly method: string; readonly match: Match<Route<any>> | undefined } | undefined
  return {
    address,
    format,
    match(method) {
      if (known?.method !== method) known = { method, match: table.match(method, address.rest) }
      return known.match
    },
  }
}
