/**
 * What owners set for single indexes of a format: at the path that the format says, on projects and groups. Which fields
 * there are is the format's.
 */
import { z } from 'zod'
import type { Resource } from '../core/access/authorize.ts'
import { indexView } from '../core/indexes/index-view.ts'
import { keysThatSign } from '../core/indexes/keys.ts'
import {
  changeIndex,
  createIndex,
  deleteIndex,
  indexesAt,
  type SettingsFormat,
} from '../core/indexes/manage-settings.ts'
import { pathOfOwner, placeOf } from '../core/owners/place-of.ts'
import { findIndexSettings, indexSettingsRows } from '../core/records/index-settings.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import type { Format } from '../formats/format.ts'
import { joinPublicKeys } from '../lib/openpgp.ts'
import { notFound } from '../lib/problem.ts'
import { pathId } from './parameters.ts'
import { enterGroup, reachProject } from './reach.ts'
import { reachOwner, type What } from './reach-owned.ts'
import { requirePackages } from './reach-package.ts'
import { listRoute, route, textRoute, type Call, type Route } from './route.ts'

/** A format's own fields. */
const index = z.record(z.string(), z.unknown())
const indexKey = z.string().min(1).max(255).describe("the index's key or its other name, URL-encoded")
const bodyLimit = 64 * 1024

/** The routes for what may be set for indexes of this format; none, where that is nothing. */
export function indexSettingsRoutes(format: Format<any>): Route[] {
  if (!allowsSettings(format)) return []
  return (['project', 'group'] as const).flatMap((what) => [
    ...readingRoutes(format, what),
    ...writingRoutes(format, what),
  ])
}

const allowsSettings = (format: Format<any>): format is SettingsFormat => format.indexSettings !== undefined

/** The project or group, as those who may read packages there reach it. Throws 404, 403 or 410. */
async function reachAsReader(call: Call<{ readonly id: string }>, what: What): Promise<Resource> {
  requirePackages(call)
  const { id } = call.params
  if (what === 'group') return { kind: 'group', group: await enterGroup(call, id) }
  return { kind: 'project', project: await reachProject(call, id, 'read_packages') }
}

/** As those who may change what is set there. */
async function reachAsWriter(call: Call<{ readonly id: string }>, what: What): Promise<Resource> {
  requirePackages(call)
  return reachOwner(call, what, { group: 'admin_group', project: 'publish' })
}

function common({ title, indexSettings: { path } }: SettingsFormat, what: What) {
  const at = `/${what}s/:id/${path}`
  const words = `an index of ${title} of a ${what}`
  return { tag: `${title} indexes`, at, one: `${at}/:key`, words }
}

function readingRoutes(format: SettingsFormat, what: What): Route[] {
  const { tag, at, one, words } = common(format, what)
  const json = (row: Parameters<typeof indexView>[1]) => format.indexSettings.json(indexView(format, row))
  return [
    listRoute({
      method: 'GET',
      path: at,
      summary: `What is set for indexes of ${format.title} of a ${what}`,
      tag,
      needs: 'read',
      forJobs: true,
      params: { id: pathId },
      item: index,
      async run(call, window) {
        const owner = await reachAsReader(call, what)
        const db = call.core.database.read
        return mapPage(await readPage(db, indexSettingsRows(db, indexesAt(owner, format)), window), json)
      },
    }),
    route({
      method: 'GET',
      path: one,
      summary: `What is set for ${words}`,
      tag,
      needs: 'read',
      forJobs: true,
      params: { id: pathId, key: indexKey },
      response: index,
      async run(call) {
        const indexes = indexesAt(await reachAsReader(call, what), format)
        const row = await findIndexSettings(call.core.database.read, indexes, call.params.key)
        if (!row) throw notFound('404 Not Found')
        return json(row)
      },
    }),
    textRoute({
      method: 'GET',
      path: `${one}/key.asc`,
      summary: `The public keys that sign ${words}, whatever it is called; the first is made where there is none`,
      tag,
      needs: 'read',
      forJobs: true,
      params: { id: pathId, key: indexKey },
      async run(call) {
        const owner = await reachAsReader(call, what)
        const whose = { place: placeOf(owner), format: format.id }
        const keys = await keysThatSign(call.core, whose, pathOfOwner(owner))
        return joinPublicKeys(keys.map((key) => key.public_key))
      },
    }),
  ]
}

function writingRoutes(format: SettingsFormat, what: What): Route[] {
  const { tag, at, one, words } = common(format, what)
  const { json } = format.indexSettings
  const fields = { needs: 'write', body: {}, anyFields: true, bodyLimit, response: index } as const
  return [
    route({
      ...fields,
      method: 'POST',
      path: at,
      summary: `Set something for ${words}`,
      tag,
      params: { id: pathId },
      run: async (call) => json(await createIndex(call, await reachAsWriter(call, what), format, call.body)),
    }),
    route({
      ...fields,
      method: 'PUT',
      path: one,
      summary: `Change what is set for ${words}; what is left out stays`,
      tag,
      params: { id: pathId, key: indexKey },
      async run(call) {
        const owner = await reachAsWriter(call, what)
        return json(await changeIndex(call, owner, format, call.params.key, call.body))
      },
    }),
    route({
      method: 'DELETE',
      path: one,
      summary: `Take away what is set for ${words}; the index stays as long as packages stand in it`,
      tag,
      needs: 'write',
      status: 202,
      params: { id: pathId, key: indexKey },
      run: async (call) => deleteIndex(call, await reachAsWriter(call, what), format, call.params.key),
    }),
  ]
}
