/** What owners set for single indexes of a set. */
import type { Db } from '../../database/database.ts'
import type { IndexSettingsRow } from '../../database/schema.ts'
import type { Format, IndexView } from '../../formats/format.ts'
import { conflict, invalid, notFound } from '../../lib/problem.ts'
import { demand, type Resource } from '../access/authorize.ts'
import type { Permission } from '../access/rights.ts'
import type { Acting } from '../owners/acting.ts'
import { recordAt } from '../owners/manage.ts'
import { placeOf } from '../owners/place-of.ts'
import {
  deleteIndexSettings,
  findIndexSettings,
  hasPackages,
  indexSettingsRows,
  insertIndexSettings,
  updateIndexSettings,
  type IndexesAt,
} from '../records/index-settings.ts'
import { indexView } from './index-view.ts'

/** Of one place. */
const mostIndexes = 1000

type Fields = Readonly<Record<string, unknown>>

/** A format that lets owners set something for indexes. */
export type SettingsFormat = Format<any> & Required<Pick<Format<any>, 'indexSettings'>>

/** Where a format's settings stand at an owner. */
export function indexesAt(owner: Resource, { id, indexSettings: { rule } }: SettingsFormat): IndexesAt {
  return { place: placeOf(owner), format: id, rule }
}

/**
 * Sets something for an index that nothing was set for.
 * @throws Problem 401, 403 or 404 where the caller may not; 400 for bad fields, 409 where key or alias are in use.
 */
export async function createIndex(
  acting: Acting,
  owner: Resource,
  format: SettingsFormat,
  fields: Fields,
): Promise<IndexView<any>> {
  await demandChange(acting, owner)
  const { core } = acting
  const at = indexesAt(owner, format)
  const values = valuesOf(format.indexSettings.read(fields, undefined))
  return core.database.write(async (db) => {
    const others = await indexSettingsRows(db, at).execute()
    if (others.length >= mostIndexes) throw invalid(`at most ${mostIndexes} of them are allowed`)
    refuseTwins(others, values)
    await refuseHiding(db, at, values.alias)
    const row = await insertIndexSettings(db, at, values, core.clock())
    await record(db, acting, owner, 'index.created', row)
    return indexView(format, row)
  })
}

/** Changes what is set; what is left out stays. Throws as `createIndex`. */
export async function changeIndex(
  acting: Acting,
  owner: Resource,
  format: SettingsFormat,
  key: string,
  fields: Fields,
): Promise<IndexView<any>> {
  await demandChange(acting, owner)
  const { core } = acting
  const at = indexesAt(owner, format)
  return core.database.write(async (db) => {
    const before = await existing(db, at, key)
    const values = valuesOf(format.indexSettings.read(fields, indexView(format, before)))
    if (values.key !== before.key) throw invalid('the name of an index cannot be changed')
    const others = await indexSettingsRows(db, at).where('id', '<>', before.id).execute()
    refuseTwins(others, values)
    await refuseHiding(db, at, values.alias)
    const row = await updateIndexSettings(db, before.id, values, core.clock())
    await record(db, acting, owner, 'index.changed', row)
    return indexView(format, row)
  })
}

/**
 * Takes the settings away. The index itself stays as long as packages stand in it.
 * @throws Problem as `createIndex`; 404.
 */
export async function deleteIndex(
  acting: Acting,
  owner: Resource,
  format: SettingsFormat,
  key: string,
): Promise<void> {
  await demandChange(acting, owner)
  await acting.core.database.write(async (db) => {
    const row = await existing(db, indexesAt(owner, format), key)
    await deleteIndexSettings(db, row.id)
    await record(db, acting, owner, 'index.deleted', row)
  })
}

const changing = { project: 'publish', group: 'admin_group', instance: 'admin_instance' } as const

function demandChange({ core, generation, principal }: Acting, owner: Resource): Promise<void> {
  return demand(core, generation, principal, changing[owner.kind] satisfies Permission, owner)
}

const valuesOf = ({ key, alias, settings }: Pick<IndexView<any>, 'key' | 'alias' | 'settings'>) => ({
  key,
  alias: alias ?? null,
  settings: JSON.stringify(settings),
})

/** No text means two indexes. */
function refuseTwins(others: readonly IndexSettingsRow[], values: ReturnType<typeof valuesOf>): void {
  const taken = new Set(others.flatMap(({ key, alias }) => [key, ...(alias === null ? [] : [alias])]))
  for (const text of [values.key, values.alias])
    if (text !== null && taken.has(text)) throw conflict(`${text} has already been taken`)
  if (values.alias === values.key) throw invalid('an alias is another name than the index has itself')
}

/** Under an alias, packages that stand in an index of that name could not be reached any more. */
async function refuseHiding(db: Db, at: IndexesAt, alias: string | null): Promise<void> {
  if (alias !== null && (await hasPackages(db, at, alias)))
    throw conflict(`${alias} has packages of its own and cannot be an alias`)
}

async function existing(db: Db, at: IndexesAt, key: string): Promise<IndexSettingsRow> {
  const row = await findIndexSettings(db, at, key)
  if (!row) throw notFound('404 Not Found')
  return row
}

function record(
  db: Db,
  acting: Acting,
  owner: Resource,
  kind: 'index.created' | 'index.changed' | 'index.deleted',
  { format, key, settings }: IndexSettingsRow,
): Promise<void> {
  const detail = { index: key, settings: JSON.parse(settings) as unknown }
  return recordAt(db, acting, owner, kind, { format, detail })
}
