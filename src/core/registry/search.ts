import type { NameRow } from '../../database/schema.ts'
import type { NameView } from '../../formats/format.ts'
import { turn } from '../../lib/turn.ts'
import { readableProjects } from '../access/readable.ts'
import { beginningOf, countNames, namesFrom } from '../records/name-query.ts'
import { isAlone } from '../records/names.ts'
import { briefNames } from './brief-names.ts'
import type { RegistryContext } from './context.ts'
import { mayRead } from './may-read.ts'
import type { Ownership } from './ownership.ts'

/** The most names one search looks at: a total beyond it is not counted further. */
const mostMatches = 1000
const mostFound = 250
/** Between two turns of the event loop. */
const namesAtOnce = 20

/** Names that contain `query` and that the caller sees here: only those count in `total`. */
export async function searchNames(
  context: RegistryContext,
  query: string,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ total: number; found: NameView<any>[] }> {
  const matching = await withoutShadowed(context, await matchingNames(context, query))
  const shown = matching.slice(page.offset, page.offset + Math.min(page.limit, mostFound))
  return { total: matching.length, found: await briefNames(context, shown) }
}

interface Match extends NameRow {
  readonly alone: number
  readonly project_path: string
}

/** In the order of the alphabet. */
async function matchingNames(context: RegistryContext, query: string): Promise<Match[]> {
  const { core, format, source, principal } = context
  const { scan } = core.database
  const projects = readableProjects(core, principal, await source.gathered())
  const filter = { projects, format: format.id, search: query, isListed: true }
  const beginning = await beginningOf(scan, filter)
  const isLong =
    beginning === 'projects' && (await countNames(scan, namesFrom(scan, beginning, filter))) > mostMatches
  const first = namesFrom(scan, isLong ? 'order' : beginning, filter)
    .select('names.id')
    .orderBy('names.name')
    .orderBy('names.id')
    .limit(mostMatches)
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
  const found = new Map<number, Ownership>()
  for (const [at, row] of rows.entries()) {
    if (at % namesAtOnce === namesAtOnce - 1) await turn()
    const isOwner = row.alone && source.isOwnedAlone(row.key, row.project_path)
    const ownership = isOwner ? { owner: row } : await source.ownership(row.key)
    if (ownership && (await isSeen(context, ownership, row))) found.set(ownership.owner.id, ownership)
  }
  return [...found.values()]
}

async function isSeen(context: RegistryContext, { owner, mixed }: Ownership, row: NameRow): Promise<boolean> {
  if (owner.id === row.id) return true
  return mixed?.some((one) => one.id === row.id) === true && mayRead(context, owner.project_id)
}
