import { after, before, describe, test } from 'node:test'
import { routes } from '../../src/web/routes.ts'
import type { Case } from './case.ts'
import { newTally, settle, triedOpennesses, tryCell, type Tally } from './cells.ts'
import { assertComplete } from './complete.ts'
import type { Place } from './place.ts'
import { sessionPrincipals, type Principal } from './principals.ts'
import { webCases } from './routes/web.ts'
import { webStatus } from './statuses.ts'
import { watchChanges } from './undo.ts'
import { makeWorld, type World } from './world.ts'

describe('who gets what on the web', () => {
  let world: World
  const visitors = new Map<Place, readonly Principal[]>()
  /** What each visitor's forms must carry. */
  const formTokens = new Map<Principal, string>()
  before(async () => {
    world = await makeWorld()
    for (const place of world.places.values()) {
      const found = await sessionPrincipals(world.app, place)
      visitors.set(place, found)
      for (const who of found) formTokens.set(who, await formTokenOf(world, who))
    }
    await watchChanges(world.app.core.database)
  })
  after(() => world.close())

  test('every page is tried', () => assertComplete(routes, webCases))

  for (const openness of triedOpennesses) {
    test(`of a project that is ${openness}`, async (t) => {
      const tally = newTally()
      const place = world.places.get(openness)!
      for (const who of visitors.get(place)!) {
        for (const one of webCases) await tryCase(world, place, who, one, tally, formTokens.get(who)!)
      }
      t.diagnostic(`${tally.count} cells`)
      settle(tally)
    })
  }
})

async function formTokenOf({ send }: World, { headers }: Principal): Promise<string> {
  const { body } = await send({ method: 'GET', path: '/tokens', headers })
  return /name="form_token" value="([^"]+)"/.exec(body.toString())?.[1] ?? ''
}

async function tryCase(
  { app, send }: World,
  place: Place,
  who: Principal,
  one: Case,
  tally: Tally,
  formToken: string,
) {
  const { path, body } = one.request(place, who)
  const form = body && new URLSearchParams({ ...(body as Record<string, string>), form_token: formToken })
  const headers: Record<string, string> = form
    ? { 'content-type': 'application/x-www-form-urlencoded', origin: app.url }
    : {}
  const wanted = webStatus(one, who, place.openness)
  const cell = {
    title: `${one.route} (${path}), ${place.openness}, ${who.name}`,
    wanted: one.isRedirecting && wanted === 'ok' ? ('list' as const) : wanted,
    sent: {
      method: one.route.slice(0, one.route.indexOf(' ')),
      path,
      headers: { ...headers, ...who.headers },
      ...(form ? { body: form.toString() } : {}),
    },
    shows: one.shows?.(place),
    changes: one.changes,
    status: one.status,
    ...(one.prepare ? { prepare: () => one.prepare!({ place, who, core: app.core }) } : {}),
    mayRedirect: one.isRedirecting === true || form !== undefined,
  }
  await tryCell(app.core, send, cell, tally)
}
