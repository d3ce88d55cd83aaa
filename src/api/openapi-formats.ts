/** The package routes of a format in the OpenAPI document, from the routes as the format declares them. */
import type { Format, Level, Route as PackageRoute } from '../formats/format.ts'
import { packageSecurity, securityOf, type Operation, type Paths } from './openapi-model.ts'

const prefixes: Readonly<Record<Level, string>> = {
  project: '/projects/{id}/packages/',
  group: '/groups/{id}/-/packages/',
  instance: '/packages/',
}
const needWords = {
  nothing: 'needs no permission',
  read: 'needs to be able to read',
  publish: 'needs to be able to publish',
  delete: 'needs to be able to delete',
} as const

/** A path per route and level it is offered at. */
export function formatPaths(format: Format<any>): Paths {
  const paths: Paths = {}
  for (const route of format.routes as readonly PackageRoute<any>[]) {
    for (const level of levelsOf(route)) {
      const path = `${prefixes[level]}${format.id}${templated(route.path)}`
      const method = route.method.toLowerCase()
      paths[path] = { [method]: operation(format, route, level), ...paths[path] }
    }
  }
  for (const route of format.rootRoutes ?? []) {
    const path = templated(route.path)
    // Relative to this document's own address.
    const servers = [{ url: '../..' }]
    paths[path] = { [route.method.toLowerCase()]: { ...operation(format, route, 'instance'), servers } }
  }
  return paths
}

function levelsOf(route: PackageRoute<any>): readonly Level[] {
  if ('levels' in route && route.levels) return route.levels
  return route.needs === 'read' || route.needs === 'nothing' ? ['project', 'group', 'instance'] : ['project']
}

/** `/:name/-/:file+` as `/{name}/-/{file}`. */
const templated = (path: string) => path.replace(/:(\w+)\+?/g, '{$1}')

function operation(format: Format<any>, route: PackageRoute<any>, level: Level): Operation {
  const names = [...route.path.matchAll(/:(\w+)(\+?)/g)].map(([, name, many]) => ({
    name: name!,
    description: many ? 'one segment or more' : 'one segment',
  }))
  const all =
    level === 'instance' ? names : [{ name: 'id', description: 'number or URL-encoded full path' }, ...names]
  return {
    summary: `${format.title}: ${route.method} ${route.path} at ${level} level, ${needWords[route.needs]}`,
    tags: [`${format.title} packages`],
    'x-needs': route.needs,
    ...securityOf(packageSecurity, route.needs === 'nothing' || route.needs === 'read'),
    parameters: all.map(({ name, description }) => ({
      name,
      in: 'path',
      required: true,
      description,
      schema: { type: 'string' },
    })),
    responses: { default: { description: "As the format's own client expects" } },
  }
}
