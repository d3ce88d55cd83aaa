import type { NameRow } from '../../database/schema.ts'
import type { NameView } from '../../formats/format.ts'
import { readableProjects } from '../access/readable.ts'
import { beginningOf, firstNames } from '../records/name-query.ts'
import { isAlone } from '../records/names.ts'
import { briefNames } from './brief-names.ts'
import type { RegistryContext } from './context.ts'
import { mayRead } from './may-read.ts'
import type { Ownership } from './ownership.ts'

/** The most names one search looks at, and how many behind the page: a total beyond them is not counted further. */
const mostMatches = 1000
const mostBehind = 250
const mostFound = 250
/** About so many names must be looked at for each one of the format. */
const namesForOne = 2

/** Names that contain `query` and that the caller sees here: only those count in `total`. */
export async function searchNames(
  context: RegistryContext,
  query: string,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ total: number; found: NameView<any>[] }> {
  const limit = Math.min(page.limit, mostFound)
  const most = Math.min(page.offset + limit + mostBehind, mostMatches)
  const matching = await withoutShadowed(context, await matchingNames(context, query, most))
  const shown = matching.slice(page.offset, page.offset + limit)
  return { total: matching.length, found: await briefNames(context, shown) }
}

interface Match extends NameRow {
  readonly alone: number
  readonly project_path: string
}

/** In the order of the alphabet. */
async function matchingNames(context: RegistryContext, query: string, most: number): Promise<Match[]> {
  const { core, format, source, principal } = context
  const { scan } = core.database
  const projects = readableProjects(core, principal, await source.gathered())
  const filter = { projects, format: format.id, search: query, isListed: true }
  const beginning = await beginningOf(scan, filter, namesForOne * most)
  const first = firstNames(scan, beginning, filter, most)
  return scan
    .selectFrom('names')
    .innerJoin('projects', 'projects.id', 'names.project_id')
    .selectAll('names')
    .select('projects.full_path as project_path')
    .select((eb) => isAlone(eb).as('alone'))
    .where('names.id', 'in', scan.selectFrom(first.as('first')).select('first.id'))
    .orderBy('names.name')
    .orderBy('names.id')
    .execute()
}

/** Leaves out names that another project owns here, unless the two answer for them together. */
async function withoutShadowed(context: RegistryContext, rows: readonly Match[]): Promise<Ownership[]> {
  const { source } = context
  if (source.level === 'project') return rows.map((owner) => ({ owner }))
  const isOwner = (row: Match) => row.alone && source.isOwnedAlone(row.key, row.project_path)
  const others = await source.ownerships(rows.filter((row) => !isOwner(row)))
  const found = new Map<number, Ownership>()
  for (const row of rows) {
    const ownership = isOwner(row) ? { owner: row } : others.get(row.id)
    if (ownership && (await isSeen(context, ownership, row))) found.set(ownership.owner.id, ownership)
  }
  return [...found.values()]
}

/** Whoever answers together with the owner is seen where the owner may be read. */
const isSeen = async (context: RegistryContext, { owner }: Ownership, row: NameRow) =>
  owner.id === row.id || mayRead(context, owner.project_id)
