/** What is set for single indexes of a format, and the keys that sign them. */
import { sealedKey } from '../../../src/core/indexes/keys.ts'
import { generateKey } from '../../../src/lib/openpgp.ts'
import type { Case, Context } from '../case.ts'
import type { Place } from '../place.ts'
import { id, placeColumns, placed, rights, type Where } from './at-place.ts'

const format = 'debian'

const madeKeys = Promise.all([1, 2].map((at) => generateKey(`key ${at}`, Date.now())))

/** Two keys that sign, so that one may be retired. */
const keys =
  (where: Where) =>
  async ({ core, place }: Context): Promise<void> => {
    const rows = (await madeKeys).map((key, at) => ({
      id: id + at,
      ...placeColumns(place, where),
      ...sealedKey(core, key, 'generated'),
      format,
      created_at: 1,
      retired_at: null,
    }))
    await core.database.write((db) => db.insertInto('signing_keys').values(rows).execute())
  }

const settings =
  (where: Where) =>
  async ({ core, place }: Context): Promise<void> => {
    const common = { v: 1, components: ['main'], architectures: ['all'] }
    const row = {
      id,
      ...placeColumns(place, where),
      format,
      rule: 'suite',
      key: 'matrix-suite',
      alias: 'other-name',
      settings: JSON.stringify({ ...common, automatic: true, automaticUpgrades: false }),
      revision: 1,
      created_at: 1,
      updated_at: 1,
    }
    await core.database.write((db) => db.insertInto('index_settings').values(row).execute())
  }

function settingsOf(where: 'project' | 'group'): readonly Case[] {
  const route = `/${where}s/:id/debian_distributions`
  const at = (place: Place) => `/${where}s/${place[where].id}/debian_distributions`
  const reading =
    where === 'project'
      ? ({ may: 'read_packages', forJobs: true } as const)
      : ({ first: 'group', may: 'nothing', forJobs: true } as const)
  const writing =
    where === 'project' ? ({ may: 'publish' } as const) : ({ may: 'admin_group', on: 'group' } as const)
  const prepare = settings(where)
  const changes = 'index_settings'
  return [
    {
      route: `GET ${route}`,
      ...reading,
      prepare,
      request: (place) => ({ path: at(place) }),
      shows: () => 'matrix-suite',
    },
    {
      route: `GET ${route}/:key`,
      ...reading,
      prepare,
      request: (place) => ({ path: `${at(place)}/other-name` }),
      shows: () => 'matrix-suite',
    },
    {
      route: `GET ${route}/:key/key.asc`,
      ...reading,
      prepare: keys(where),
      request: (place) => ({ path: `${at(place)}/any/key.asc` }),
      shows: () => 'BEGIN PGP PUBLIC KEY BLOCK',
    },
    {
      route: `POST ${route}`,
      ...writing,
      request: (place) => ({ path: at(place), body: { codename: 'new' } }),
      changes,
    },
    {
      route: `PUT ${route}/:key`,
      ...writing,
      prepare,
      request: (place) => ({ path: `${at(place)}/matrix-suite`, body: { label: 'changed' } }),
      changes,
    },
    {
      route: `DELETE ${route}/:key`,
      ...writing,
      prepare,
      request: (place) => ({ path: `${at(place)}/matrix-suite` }),
      changes,
    },
  ]
}

function keysOf(where: Where): readonly Case[] {
  const { reading, managing } = rights[where]
  const { route, at } = placed(where, 'signing_keys')
  return [
    {
      route: `GET ${route}`,
      ...reading,
      prepare: keys(where),
      request: (place) => ({ path: at(place) }),
      shows: () => 'BEGIN PGP PUBLIC KEY BLOCK',
    },
    {
      route: `POST ${route}`,
      ...managing,
      request: (place) => ({ path: at(place), body: { format } }),
      changes: 'signing_keys',
    },
    {
      route: `DELETE ${route}/:key_id`,
      ...managing,
      prepare: keys(where),
      request: (place) => ({ path: `${at(place)}/${id}` }),
      changes: 'signing_keys',
    },
  ]
}

export const indexCases: readonly Case[] = [
  ...(['project', 'group'] as const).flatMap(settingsOf),
  ...(['project', 'group', 'instance'] as const).flatMap(keysOf),
]
