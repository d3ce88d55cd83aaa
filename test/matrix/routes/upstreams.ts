/** Upstreams of a project, a group and the instance, and the pins of what comes from them. */
import type { Case, Context } from '../case.ts'
import type { Place } from '../place.ts'

type Where = 'project' | 'group' | 'instance'

/** One that registries fill from. */
export const format = 'npm'
/** Of rows that are there for one call. */
const id = 1_000_000
export const upstreamId = id

const placeColumns = ({ project, group }: Place, where: Where) => ({
  project_id: where === 'project' ? project.id : null,
  group_id: where === 'group' ? group.id : null,
})

export const anUpstream =
  (where: Where) =>
  async ({ core, place }: Context): Promise<void> => {
    const row = {
      id,
      ...placeColumns(place, where),
      format,
      position: 1,
      name: 'mirror',
      url: 'https://localhost:9/mirror',
      ttl_seconds: 600,
      include: '[]',
      exclude: '[]',
      anonymous_fill: 0,
      offline: 0,
      mixes: 0,
      source: 'hand',
      created_at: 1,
      updated_at: 1,
    } as const
    await core.database.write((db) => db.insertInto('upstreams').values(row).execute())
  }

/** A file of such an upstream. */
export const aKeptFile =
  (where: Where) =>
  async (context: Context): Promise<void> => {
    await anUpstream(where)(context)
    await context.core.database.write(async (db) => {
      const bytes = { sha256: 'kept', size: 1, storage_key: 'kept', created_at: 1 }
      const { id: blobId } = await db
        .insertInto('blobs')
        .values(bytes)
        .returning('id')
        .executeTakeFirstOrThrow()
      const file = { upstream_id: id, path: 'kept/-/kept-1.0.0.tgz', name: keptName, version: '1.0.0' }
      const row = { ...file, blob_id: blobId, kept_at: 1, last_used_at: 1 }
      await db.insertInto('upstream_files').values(row).execute()
    })
  }
export const keptName = 'kept-from-elsewhere'

const aPin =
  (where: 'group' | 'instance') =>
  async ({ core, place }: Context): Promise<void> => {
    const row = {
      id,
      root_id: where === 'group' ? place.group.id : 0,
      format,
      path: 'pinned/-/pinned-1.0.0.tgz',
      name: 'pinned',
      version: '1.0.0',
      digests: '{"sha256":"right"}',
      first_seen_at: 1,
      refused_at: 2,
      refused_digests: '{"sha256":"other"}',
    }
    await core.database.write((db) => db.insertInto('upstream_pins').values(row).execute())
  }

const rights = {
  project: {
    reading: { may: 'read_settings', on: 'project' },
    managing: { may: 'admin_project', on: 'project' },
  },
  group: { reading: { may: 'read_settings', on: 'group' }, managing: { may: 'admin_group', on: 'group' } },
  instance: {
    reading: { may: 'review_instance', first: 'person' },
    managing: { may: 'admin_instance', first: 'person' },
  },
} as const

const routeOf = (where: Where) => (where === 'instance' ? '/upstreams' : `/${where}s/:id/-/upstreams`)
const pathOf = (where: Where, place: Place) =>
  where === 'instance' ? '/upstreams' : `/${where}s/${place[where].id}/-/upstreams`

function upstreamsOf(where: Where): readonly Case[] {
  const { reading, managing } = rights[where]
  const route = routeOf(where)
  const prepare = anUpstream(where)
  const at = (place: Place) => pathOf(where, place)
  const wish = { format, url: 'https://localhost:9/new' }
  return [
    {
      route: `GET ${route}`,
      ...reading,
      prepare,
      request: (place) => ({ path: at(place) }),
      shows: () => 'mirror',
    },
    {
      route: `GET ${route}/:upstream_id`,
      ...reading,
      prepare,
      request: (place) => ({ path: `${at(place)}/${id}` }),
      shows: () => 'mirror',
    },
    {
      route: `GET ${route}/:upstream_id/kept`,
      ...reading,
      prepare: aKeptFile(where),
      request: (place) => ({ path: `${at(place)}/${id}/kept` }),
      shows: () => keptName,
    },
    {
      route: `POST ${route}`,
      ...managing,
      request: (place) => ({ path: at(place), body: wish }),
      changes: 'upstreams',
    },
    {
      route: `PATCH ${route}/:upstream_id`,
      ...managing,
      prepare,
      request: (place) => ({ path: `${at(place)}/${id}`, body: { offline: true } }),
      changes: 'upstreams',
    },
    {
      route: `DELETE ${route}/:upstream_id`,
      ...managing,
      prepare,
      request: (place) => ({ path: `${at(place)}/${id}` }),
      changes: 'upstreams',
    },
    {
      route: `POST ${route}/test`,
      ...managing,
      request: (place) => ({ path: `${at(place)}/test`, body: wish }),
      shows: () => 'not reachable',
    },
    {
      route: `POST ${route}/:upstream_id/test`,
      ...managing,
      prepare,
      request: (place) => ({ path: `${at(place)}/${id}/test`, body: {} }),
      shows: () => 'not reachable',
    },
  ]
}

function pinsOf(where: 'group' | 'instance'): readonly Case[] {
  const { reading, managing } = rights[where]
  const route = `${routeOf(where)}/pins`
  const prepare = aPin(where)
  return [
    {
      route: `GET ${route}`,
      ...reading,
      prepare,
      request: (place) => ({ path: `${pathOf(where, place)}/pins` }),
      shows: () => 'pinned-1.0.0.tgz',
    },
    {
      route: `POST ${route}/:pin_id/repin`,
      ...managing,
      prepare,
      request: (place) => ({ path: `${pathOf(where, place)}/pins/${id}/repin`, body: {} }),
      changes: 'upstream_pins',
    },
  ]
}

const inheritance: readonly Case[] = [
  {
    route: 'GET /groups/:id/-/upstreams/inheritance',
    ...rights.group.reading,
    request: (place) => ({ path: `${pathOf('group', place)}/inheritance?format=${format}` }),
    shows: () => '"inherit":true',
  },
  {
    route: 'PUT /groups/:id/-/upstreams/inheritance',
    ...rights.group.managing,
    request: (place) => ({
      path: `${pathOf('group', place)}/inheritance`,
      body: { format, inherit: false },
    }),
    changes: 'upstream_stops',
  },
]

export const upstreamCases: readonly Case[] = [
  ...(['project', 'group', 'instance'] as const).flatMap(upstreamsOf),
  ...(['group', 'instance'] as const).flatMap(pinsOf),
  ...inheritance,
]
