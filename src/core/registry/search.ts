import { sql } from 'kysely'
import type { NameRow } from '../../database/schema.ts'
import type { NameView } from '../../formats/format.ts'
import { viewOf } from '../access/readable.ts'
import { listed } from '../records/packages.ts'
import type { RegistryContext } from './context.ts'
import { mayRead } from './may-read.ts'
import { loadedName } from './names.ts'
import type { Ownership } from './ownership.ts'
import type { Gathered } from './source.ts'

/** The most names one search looks at: a total beyond it is not counted further. */
const mostMatches = 10_000
const mostFound = 250

/** Names that contain `query` and that the caller sees here: only those count in `total`. */
export async function searchNames(
  context: RegistryContext,
  query: string,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ total: number; found: NameView<any>[] }> {
  const rows = await matchingNames(context, query)
  const shown = rows.slice(page.offset, page.offset + Math.min(page.limit, mostFound))
  const found: NameView<any>[] = []
  for (const row of shown) found.push(await loadedName(context, row))
  return { total: rows.length, found }
}

async function matchingNames(context: RegistryContext, query: string): Promise<Ownership[]> {
  const { core, format, source, principal, generation } = context
  const gathered = await source.gathered()
  const view = await viewOf(core, generation(), principal, gathered)
  if (view.projectIds.length === 0) return []
  const rows = await core.database.read
    .selectFrom('names')
    .selectAll()
    .where('format', '=', format.id)
    .where('project_id', 'in', view.projectIds)
    .where(sql`lower(name)`, 'like', sql`${`%${escapeLike(query.toLowerCase())}%`} escape '\\'`)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('packages')
          .select('packages.id')
          .whereRef('packages.name_id', '=', 'names.id')
          .where('packages.status', 'in', listed),
      ),
    )
    .orderBy('name')
    .limit(mostMatches)
    .execute()
  return withoutShadowed(context, gathered, rows)
}

/** Leaves out names that another project owns here, unless the two answer for them together. */
async function withoutShadowed(
  context: RegistryContext,
  gathered: Gathered,
  rows: NameRow[],
): Promise<Ownership[]> {
  if (gathered.kind === 'project') return rows.map((owner) => ({ owner }))
  const found = new Map<number, Ownership>()
  for (const row of rows) {
    const ownership = await context.source.ownership(row.key)
    if (ownership && (await isSeen(context, ownership, row))) found.set(ownership.owner.id, ownership)
  }
  return [...found.values()]
}

async function isSeen(context: RegistryContext, { owner, mixed }: Ownership, row: NameRow): Promise<boolean> {
  if (owner.id === row.id) return true
  return mixed?.some((one) => one.id === row.id) === true && mayRead(context, owner.project_id)
}

/** Text that LIKE takes literally, with a backslash as the escape character. */
export const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&')
