/** Every route of every format, tried as everybody at every level. */
import { after, before, describe, test } from 'node:test'
import type { Level } from '../../src/formats/format.ts'
import type { FormatCase } from '../../src/formats/testing/access-cases.ts'
import { newTally, settle, triedOpennesses, tryCell, type Cell, type Tally } from './cells.ts'
import { assertComplete } from './complete.ts'
import { cellCount, type Openness } from './expected.ts'
import type { Place } from './place.ts'
import { tokenPrincipals, type Principal } from './principals.ts'
import { packageStatus } from './statuses.ts'
import { watchChanges } from './undo.ts'
import { makeWorld, type World } from './world.ts'

/** Declares the tests of these opennesses, on a server of their own. */
export function tryPackageRoutes(opennesses: readonly Openness[]): void {
  describe('who gets what on package routes', () => tellAll(opennesses))
}

function tellAll(opennesses: readonly Openness[]): void {
  let world: World
  const tally = newTally()
  const callers = new Map<Place, readonly Principal[]>()
  before(async () => {
    world = await makeWorld(opennesses)
    for (const place of world.places.values()) callers.set(place, await tokenPrincipals(world.app, place))
    for (const place of world.places.values()) await readFirst(world, place)
    await watchChanges(world.app.core.database)
  })
  after(() => world.close())

  test('every route of every format is tried', () => {
    for (const [format, { cases }] of world.formats) assertComplete(format.routes, cases)
  })

  for (const openness of opennesses.filter((one) => triedOpennesses.includes(one))) {
    test(`at every level of a project that is ${openness}`, async (t) => {
      const own = newTally()
      const place = world.places.get(openness)!
      for (const who of callers.get(place)!) await tryEverything(world, place, who, own)
      tally.count += own.count
      t.diagnostic(`${own.count} cells tried, of ${cellCount} written by hand`)
      settle(own)
    })
  }
}

/** Who reads first has made what is made once: keys that sign, and what a job makes when somebody asked. */
async function readFirst({ app, send, formats }: World, place: Place) {
  const headers = { 'private-token': app.root.token }
  for (const [format, { cases, settings }] of formats) {
    const published = place.published.get(format.id)!
    const rest = `/api/v4/projects/${place.project.id}/${format.indexSettings?.path}`
    if (settings) await app.root.json('POST', rest, settings(published.name))
    for (const one of cases) {
      const { method, path, headers: more } = one.request(published)
      if (method !== 'GET') continue
      for (const [, prefix] of levelsOf(place, one))
        await send({ method, path: `${prefix}/${format.id}${path}`, headers: { ...more, ...headers } })
    }
  }
  await app.app.worker.drain()
}

async function tryEverything({ app, send, formats }: World, place: Place, who: Principal, tally: Tally) {
  for (const [format, { cases }] of formats) {
    const published = place.published.get(format.id)!
    for (const one of cases) {
      const { method, path, headers, body } = one.request(published)
      for (const [level, prefix] of levelsOf(place, one)) {
        const cell: Cell = {
          title: `${format.id} ${one.route} at ${level} level, ${place.openness}, ${who.name}`,
          wanted: packageStatus(one, level, who, place.openness),
          sent: {
            method,
            path: `${prefix}/${format.id}${path}`,
            headers: { ...headers, ...who.headers },
            ...(body === undefined ? {} : { body }),
          },
          shows: typeof one.shows === 'function' ? one.shows(published) : one.shows,
          changes: one.changes,
          status: one.status,
        }
        await tryCell(app.core, send, cell, tally)
      }
    }
  }
}

function levelsOf({ group, project }: Place, { levels }: FormatCase) {
  const all: readonly (readonly [Level, prefix: string])[] = [
    ['project', `/api/v4/projects/${project.id}/packages`],
    ['group', `/api/v4/groups/${encodeURIComponent(group.path)}/-/packages`],
    ['instance', '/api/v4/packages'],
  ]
  return all.filter(([level]) => levels?.includes(level) ?? true)
}
