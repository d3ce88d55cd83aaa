/** Every route by itself: who reaches its handler, and what the handler is given. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it } from 'node:test'
import { createPackageHandler } from '../../http/packages.ts'
import { parseTarget } from '../../http/paths.ts'
import type { Level, Need, Route } from '../format.ts'
import { assertDialect, call, type Caller } from './http.ts'
import { withScene, type Scene, type Suite } from './scene.ts'

const needs: readonly string[] = ['nothing', 'read', 'publish', 'delete']
const writingVerbs = ['stage', 'publish', 'amend', 'remove', 'tag']

/** Least role that reaches a handler on a private project, by what the route needs. */
const least: Readonly<Record<Need, keyof Scene['people']>> = {
  read: 'reporter',
  publish: 'developer',
  delete: 'developer',
}
/** In descending order. */
const roles = ['owner', 'maintainer', 'developer', 'reporter', 'guest'] as const

export function routeTests(suite: Suite): void {
  const { format } = suite

  it('names what every route needs', () => {
    assert.ok(format.routes.length > 0)
    for (const { path, needs: need } of format.routes)
      assert.ok(needs.includes(need), `${path} needs ${need}`)
  })

  it('lets only those reach a handler who may, and gives a reading handler nothing to write with', () =>
    withScene(suite, async (scene) => {
      for (const route of format.routes) await checkRoute(suite, scene, route)
    }))
}

/** Some address that the pattern matches: `/:name+/-/:file.tgz` gives `/x/y/-/x.tgz`. */
function addressOf(pattern: string): string {
  return pattern.replaceAll(/:\w+(\+?)/g, (_, more: string) => (more ? 'x/y' : 'x'))
}

/** Serves this route alone, its handler replaced by one that takes down what it is given. */
async function withRoute(
  { format }: Suite,
  { app }: Scene,
  route: Route<any>,
  work: (
    reached: (caller: Caller, at: string) => Promise<{ status: number; given: unknown }>,
  ) => Promise<void>,
): Promise<void> {
  const calls: object[] = []
  const run = (given: object) => {
    calls.push(given)
    return { status: 204 }
  }
  const alone = { ...format, routes: [{ ...route, run } as Route<any>] }
  const handler = createPackageHandler({ ...app.core, formats: new Map([[format.id, alone]]) })
  const server = createServer((req, res) => void handler(req, res, parseTarget(req.url!), () => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    await work(async (caller, at) => {
      const prefix = at.replace(app.url, `http://127.0.0.1:${port}`)
      const answer = await call(caller, prefix, { method: route.method, path: addressOf(route.path) })
      const given = calls.shift()
      if (!given) assertDialect(format, answer)
      return { status: answer.status, given }
    })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

async function checkRoute(suite: Suite, scene: Scene, route: Route<any>): Promise<void> {
  const { people, at, app } = scene
  const title = `${route.method} ${route.path}`
  await withRoute(suite, scene, route, async (reached) => {
    if (route.needs === 'nothing') {
      const { given } = await reached(app.anonymous, at)
      assert.ok(given, `${title} is open`)
      assert.ok(!('registry' in (given as object)), `${title} is open and has a registry`)
      return
    }
    assert.deepEqual(await reached(app.anonymous, at), { status: 401, given: undefined }, title)
    const stranger = await app.user('sam')
    assert.deepEqual(await reached(stranger, at), { status: 404, given: undefined }, title)
    const allowed = roles.slice(0, roles.indexOf(least[route.needs] as (typeof roles)[number]) + 1)
    for (const role of roles) {
      const { status, given } = await reached(people[role], at)
      assert.equal(status, allowed.includes(role) ? 204 : 403, `${title} by a ${role}`)
      assert.equal(given !== undefined, allowed.includes(role), `${title} by a ${role}`)
      if (given) checkGiven(title, route.needs, given as { registry: object })
    }
    const weak = await app.withScopes(people.owner, 'read_package_registry')
    assert.equal((await reached(weak, at)).status, route.needs === 'read' ? 204 : 403, title)
    await checkLevels(scene, route, reached)
  })
}

function checkGiven(title: string, need: Need, given: { readonly registry: object }): void {
  for (const verb of writingVerbs)
    assert.equal(verb in given.registry, need !== 'read', `${title} has ${verb}`)
  assert.equal('require' in given, need !== 'read', title)
}

async function checkLevels(
  scene: Scene,
  route: Exclude<Route<any>, { readonly needs: 'nothing' }>,
  reached: (caller: Caller, at: string) => Promise<{ status: number; given: unknown }>,
): Promise<void> {
  const levels: readonly (readonly [Level, string])[] = [
    ['group', scene.groupAt],
    ['instance', scene.instanceAt],
  ]
  for (const [level, at] of levels) {
    const isOffered = route.levels?.includes(level) ?? route.needs === 'read'
    const { status, given } = await reached(scene.people.owner, at)
    assert.deepEqual(
      [status, given !== undefined],
      [isOffered ? 204 : 405, isOffered],
      `${route.path} at ${level} level`,
    )
  }
}
