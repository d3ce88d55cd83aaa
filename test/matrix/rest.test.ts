import { after, before, describe, test } from 'node:test'
import { restRoutes as routes } from '../rest-routes.ts'
import type { Case } from './case.ts'
import { newTally, settle, triedOpennesses, tryCell, type Tally } from './cells.ts'
import { assertComplete } from './complete.ts'
import type { Place } from './place.ts'
import { tokenPrincipals, type Principal } from './principals.ts'
import { restCases } from './routes/rest.ts'
import { restStatus } from './statuses.ts'
import { watchChanges } from './undo.ts'
import { makeWorld, type World } from './world.ts'

describe('who gets what by REST', () => {
  let world: World
  const callers = new Map<Place, readonly Principal[]>()
  before(async () => {
    world = await makeWorld()
    for (const place of world.places.values()) callers.set(place, await tokenPrincipals(world.app, place))
    await watchChanges(world.app.core.database)
  })
  after(() => world.close())

  test('every route is tried', () => assertComplete(routes, restCases))

  for (const openness of triedOpennesses) {
    test(`of a project that is ${openness}`, async (t) => {
      const tally = newTally()
      const place = world.places.get(openness)!
      for (const who of callers.get(place)!) {
        for (const one of restCases) await tryCase(world, place, who, one, tally)
      }
      t.diagnostic(`${tally.count} cells`)
      settle(tally)
    })
  }
})

async function tryCase({ app, send }: World, place: Place, who: Principal, one: Case, tally: Tally) {
  const { path, body } = one.request(place, who)
  const text = body && JSON.stringify(body)
  const type: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' }
  const cell = {
    title: `${one.route} (${path}), ${place.openness}, ${who.name}`,
    wanted: restStatus(one, who, place.openness),
    sent: {
      method: one.route.slice(0, one.route.indexOf(' ')),
      path: `/api/v4${path}`,
      headers: { ...type, ...who.headers },
      ...(text === undefined ? {} : { body: text }),
    },
    shows: one.shows?.(place),
    changes: one.changes,
    status: one.status,
    judge: (answer: Buffer) => misfit(one.route, answer),
    ...(one.prepare ? { prepare: () => one.prepare!({ place, who, core: app.core }) } : {}),
  }
  await tryCell(app.core, send, cell, tally)
}

/** How a successful answer differs from what its route and the OpenAPI document promise. */
function misfit(title: string, body: Buffer): string | undefined {
  const { response, mediaType } = routes.find(({ method, path }) => `${method} ${path}` === title)!
  const text = body.toString()
  if (!response) return text === '' ? undefined : 'a body where none is promised'
  const { error } = response.safeParse(mediaType === 'text/plain' ? text : JSON.parse(text))
  return error && `other than promised: ${JSON.stringify(error.issues).slice(0, 300)}`
}
