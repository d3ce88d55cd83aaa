/** Which bytes of files from upstream were seen first below a top-level group, and where an upstream offers others. */
import { z } from 'zod'
import { mapPage, readPage } from '../core/records/pages.ts'
import { instanceRoot, pinList } from '../core/records/pin-lists.ts'
import { repin } from '../core/upstream/settings/repin.ts'
import type { GroupRow, UpstreamPinRow } from '../database/schema.ts'
import { invalid } from '../lib/problem.ts'
import { flag, formatId, knownFormat, numberId, paramsOf, time, timeOf, timeOrNull } from './parameters.ts'
import { placePath, reachPlace } from './reach-place.ts'
import { listRoute, route, type Call, type Route } from './route.ts'
import { upstreamTag as tag } from './upstreams.ts'

const digests = z.record(z.string(), z.string()).describe('hexadecimal, by algorithm')

const pin = z
  .strictObject({
    id: z.int(),
    format: z.string(),
    name: z.string(),
    version: z.string().nullable(),
    path: z.string().describe('of the file, in our registries'),
    digests,
    first_seen_at: time,
    refused_at: time.nullable().describe('when an upstream last offered other bytes'),
    refused_digests: digests.nullable(),
  })
  .meta({ id: 'UpstreamPin' })

const pinJson = (row: UpstreamPinRow): z.input<typeof pin> => ({
  id: row.id,
  format: row.format,
  name: row.name,
  version: row.version,
  path: row.path,
  digests: JSON.parse(row.digests),
  first_seen_at: timeOf(row.first_seen_at),
  refused_at: timeOrNull(row.refused_at),
  refused_digests: row.refused_digests === null ? null : JSON.parse(row.refused_digests),
})

type Where = 'group' | 'instance'

/** The top-level group whose pins the caller may see or renew; undefined: the instance. Throws 400 for a subgroup. */
async function reach(
  call: Call<{ readonly id: string }>,
  where: Where,
  how: 'read' | 'admin',
): Promise<GroupRow | undefined> {
  const place = await reachPlace(call, where, how)
  if (place.kind !== 'group') return undefined
  if (place.group.parent_id === null) return place.group
  const [top] = place.group.full_path.split('/', 1)
  throw invalid(`pins are kept for top-level groups: ask for those of ${top}`)
}

function routesOf(where: Where): Route[] {
  const path = placePath(where, 'upstreams/pins')
  const params = paramsOf(path)
  const whose = where === 'group' ? 'below a top-level group' : 'in registries of the whole instance'
  return [
    listRoute({
      method: 'GET',
      path,
      summary: `Files from upstream ${whose}, with the digests that were seen first; alarms stand in front`,
      tag,
      needs: 'read',
      params,
      query: {
        format: formatId.optional(),
        refused: flag
          .optional()
          .describe('only where an upstream has offered other bytes, or only the others'),
      },
      item: pin,
      async run(call, window) {
        const { format, refused } = call.query
        const group = await reach(call, where, 'read')
        if (format !== undefined) knownFormat(call, 'format', format)
        const db = call.core.database.scan
        const pins = pinList(db, group?.id ?? instanceRoot, { format, refused })
        return mapPage(await readPage(db, pins, window), pinJson)
      },
    }),
    route({
      method: 'POST',
      path: `${path}/:pin_id/repin`,
      summary: `Accept the bytes that an upstream offered last instead of those seen first, ${whose}`,
      tag,
      needs: 'write',
      status: 200,
      params: { ...params, pin_id: numberId },
      response: pin,
      run: async (call) => pinJson(await repin(call, await reach(call, where, 'admin'), call.params.pin_id)),
    }),
  ]
}

export const upstreamPinRoutes = [...routesOf('group'), ...routesOf('instance')]
