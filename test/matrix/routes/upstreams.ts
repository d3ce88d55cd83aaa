/** Upstreams of a project, a group and the instance, and the pins of what comes from them. */
import type { Case, Context } from '../case.ts'
import { id, placeColumns, placed, rights, type Where } from './at-place.ts'

/** One that registries fill from. */
export const format = 'npm'

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

function upstreamsOf(where: Where): readonly Case[] {
  const { reading, managing } = rights[where]
  const { route, at } = placed(where, 'upstreams')
  const prepare = anUpstream(where)
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
  const { route, at } = placed(where, 'upstreams/pins')
  const prepare = aPin(where)
  return [
    {
      route: `GET ${route}`,
      ...reading,
      prepare,
      request: (place) => ({ path: at(place) }),
      shows: () => 'pinned-1.0.0.tgz',
    },
    {
      route: `POST ${route}/:pin_id/repin`,
      ...managing,
      prepare,
      request: (place) => ({ path: `${at(place)}/${id}/repin`, body: {} }),
      changes: 'upstream_pins',
    },
  ]
}

const inheriting = placed('group', 'upstreams/inheritance')

const inheritance: readonly Case[] = [
  {
    route: `GET ${inheriting.route}`,
    ...rights.group.reading,
    request: (place) => ({ path: `${inheriting.at(place)}?format=${format}` }),
    shows: () => '"inherit":true',
  },
  {
    route: `PUT ${inheriting.route}`,
    ...rights.group.managing,
    request: (place) => ({
      path: inheriting.at(place),
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
