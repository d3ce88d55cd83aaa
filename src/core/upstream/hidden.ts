/** Which names never come from upstream: those that somebody here owns, for ever, and those that are reserved. */
import { sql } from 'kysely'
import type { RegistryContext } from '../registry/context.ts'
import { pathAbove } from '../registry/instance-source.ts'
import { isReserved, reservedAnywhere } from '../policy/reservations.ts'

/** `owned`: published below the top-level group once (at instance level: below any). */
export type HidingRule = 'owned' | 'reserved'

/** The rule that keeps a name (as upstreams spell it) from being asked for, whoever asks; undefined: none. */
export async function hidingRule(context: RegistryContext, name: string): Promise<HidingRule | undefined> {
  return (await hidingRules(context, [name])).get(name)
}

/** The same for many names: those that are hidden. */
export async function hidingRules(
  context: RegistryContext,
  names: readonly string[],
): Promise<ReadonlyMap<string, HidingRule>> {
  const hidden = new Map<string, HidingRule>()
  const owned = await ownedAmong(context, names)
  const others: string[] = []
  for (const name of names) {
    if (owned.has(fold(name))) hidden.set(name, 'owned')
    else others.push(name)
  }
  for (const name of await reservedHere(context, others)) hidden.set(name, 'reserved')
  return hidden
}

/** Equal for names that could be taken for one another. In both engines `lower` does the same. */
export const fold = (name: string) => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** The folded names that anybody ever published here. */
async function ownedAmong(context: RegistryContext, names: readonly string[]): Promise<ReadonlySet<string>> {
  const { core, format, source, generation } = context
  const root = rootOf(context)
  const one = names.length === 1 ? fold(names[0]!) : undefined
  if (one === undefined) return findOwned(context, names.map(fold))
  const key = `folded/${format.id}/${root?.id ?? source.key}/${one}`
  return core.kept.get(key, generation(), () => findOwned(context, [one]))
}

/** Names of one statement. */
const namesAtOnce = 1000

async function findOwned(context: RegistryContext, folded: readonly string[]): Promise<ReadonlySet<string>> {
  const { core, format } = context
  const root = rootOf(context)
  const owned = new Set<string>()
  for (let at = 0; at < folded.length; at += namesAtOnce) {
    const lower = sql<string>`lower(names.key)`
    let query = core.database.read
      .selectFrom('names')
      .select(lower.as('folded'))
      .distinct()
      .where('format', '=', format.id)
      .where(lower, 'in', folded.slice(at, at + namesAtOnce))
    if (root) query = query.where('root_id', '=', root.id)
    for (const row of await query.execute()) owned.add(row.folded)
  }
  return owned
}

/** The projects that own a name of ours, or one that could be taken for it, wherever it hides it. At most a hundred. */
export async function projectsWithName(context: RegistryContext, name: string): Promise<number[]> {
  const { core, format } = context
  const root = rootOf(context)
  let query = core.database.read
    .selectFrom('names')
    .select('project_id')
    .where('format', '=', format.id)
    .where(sql<string>`lower(names.key)`, '=', fold(name))
  if (root) query = query.where('root_id', '=', root.id)
  return (await query.orderBy('id').limit(100).execute()).map((row) => row.project_id)
}

/** The top-level group whose names count; undefined: everybody's. */
function rootOf({ source: { place } }: RegistryContext): { readonly id: number } | undefined {
  if (place.kind === 'instance') return undefined
  return { id: place.kind === 'project' ? place.project.root_id : place.group.root_id }
}

async function reservedHere(context: RegistryContext, names: readonly string[]): Promise<string[]> {
  const { core, format, generation } = context
  const root = rootOf(context)
  const reserved: string[] = []
  const open: string[] = []
  for (const name of names) {
    if (await isReservedByPlace(context, root, name)) reserved.push(name)
    else open.push(name)
  }
  if (root || open.length === 0) return reserved
  return [...reserved, ...(await reservedAnywhere(core, generation(), format, open))]
}

/** By the group, or at instance level because the name says that it belongs to one. */
async function isReservedByPlace(
  { core, format, generation }: RegistryContext,
  root: { readonly id: number } | undefined,
  name: string,
): Promise<boolean> {
  if (root) return isReserved(core, generation(), root.id, format, name)
  const ownerPath = format.names.owner?.(name)
  return ownerPath !== undefined && (await pathAbove(core, generation(), ownerPath)) !== undefined
}
