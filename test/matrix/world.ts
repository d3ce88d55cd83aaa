/** The server that the matrix is tried on: a place of each openness. */
import type { Format } from '../../src/formats/format.ts'
import type { FormatCases } from '../../src/formats/testing/access-cases.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { opennesses as allOpennesses, type Openness } from './expected.ts'
import { createClient, type Send } from './http.ts'
import { groupOf, makePlace, type Place } from './place.ts'

export interface World {
  readonly app: TestApp
  readonly send: Send
  readonly places: ReadonlyMap<Openness, Place>
  readonly formats: readonly (readonly [Format<any>, FormatCases])[]
  close(): Promise<void>
}

/** A second server is configured after the formats of a first one: those without owners in names need to be fed. */
export async function makeWorld(opennesses: readonly Openness[] = allOpennesses): Promise<World> {
  const app = await createTestApp({
    env: {
      // What is watched is what requests change.
      ENTREPOT_JOBS__IN_SERVER: 'false',
      ENTREPOT_PACKAGES__INSTANCE: JSON.stringify(await feeding(opennesses)),
      // Many come with a credential that is worth nothing.
      ENTREPOT_RATE_LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE: '1000000000',
    },
  })
  const formats = await formatsWithCases(app)
  const places = new Map<Openness, Place>()
  for (const openness of opennesses) places.set(openness, await makePlace(app, openness, formats))
  const { send, close } = createClient(app.url)
  return {
    app,
    send,
    places,
    formats,
    async close() {
      close()
      await app.close()
    },
  }
}

async function feeding(opennesses: readonly Openness[]): Promise<Record<string, string[]>> {
  const app = await createTestApp()
  const unowned = [...app.core.formats.values()].filter((format) => !format.names.owner)
  await app.close()
  return Object.fromEntries(unowned.map(({ id }) => [id, opennesses.map(groupOf)]))
}

/** Every format says in its own folder how its routes are called. */
async function formatsWithCases({ core }: TestApp) {
  const found: [Format<any>, FormatCases][] = []
  for (const format of core.formats.values()) {
    const file = new URL(`../../src/formats/${format.id}/access-cases.ts`, import.meta.url)
    const { accessCases } = (await import(file.href)) as { accessCases: FormatCases }
    found.push([format, accessCases])
  }
  return found
}
