/** What is kept from an upstream, by name: no packages. */
import { z } from 'zod'
import { placeOf } from '../core/owners/place-of.ts'
import { mapPage } from '../core/records/pages.ts'
import { mostFilesCounted } from '../core/records/upstream-kept.ts'
import { findUpstream, type Upstream } from '../core/records/upstreams.ts'
import type { Resource } from '../core/access/authorize.ts'
import { keptSourceAt } from '../core/upstream/kept/level.ts'
import { pageOfKept } from '../core/upstream/kept/names.ts'
import { found } from '../core/owners/manage.ts'
import { numberId, paramsOf, searchText, time, timeOf } from './parameters.ts'
import { placePath, places, placeWords, reachPlace, type Where } from './reach-place.ts'
import { listRoute, type Call, type Route } from './route.ts'
import { upstreamTag as tag } from './upstreams.ts'

const kept = z
  .strictObject({
    name: z.string(),
    files: z.int().describe(`counted up to ${mostFilesCounted}: more than that is ${mostFilesCounted + 1}`),
    size: z.int().describe('bytes of the files that were counted'),
    last_used_at: time,
    served: z
      .boolean()
      .describe(
        "false: the registry of this place does not answer from it, since the name is owned or reserved there or the upstream's patterns leave it out",
      ),
  })
  .meta({ id: 'KeptName' })

async function reach(
  call: Call<{ readonly id: string; readonly upstream_id: number }>,
  where: Where,
): Promise<{ readonly owner: Resource; readonly upstream: Upstream }> {
  const owner = await reachPlace(call, where, 'read')
  const upstream = await findUpstream(call.core.database.read, placeOf(owner), call.params.upstream_id)
  return { owner, upstream: found(upstream, 'Upstream') }
}

function routeOf(where: Where): Route {
  const path = `${placePath(where, 'upstreams')}/:upstream_id/kept`
  return listRoute({
    method: 'GET',
    path,
    summary: `The names of which files are kept from an upstream of ${placeWords[where]}`,
    tag,
    needs: 'read',
    params: { ...paramsOf(path), upstream_id: numberId },
    query: { search: searchText.optional().describe('part of the name') },
    item: kept,
    async run(call, window) {
      const { owner, upstream } = await reach(call, where)
      const source = keptSourceAt(call, owner, upstream)
      const page = await pageOfKept(call.core.database.scan, source, call.query.search?.trim(), window)
      return mapPage(page, ({ name, files, size, lastUsedAt, isServed }) => ({
        name,
        files,
        size,
        last_used_at: timeOf(lastUsedAt),
        served: isServed,
      }))
    },
  })
}

export const upstreamKeptRoutes = places.map(routeOf)
