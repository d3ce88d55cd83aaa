import type { NameRow } from '../../database/schema.ts'
import { matchesPattern } from '../access/patterns.ts'
import type { Core } from '../core.ts'
import type { Db } from '../../database/database.ts'
import { mixedProjects, mixingIn } from '../records/name-mixing.ts'
import { ownersBelow } from '../records/name-owners.ts'
import { findName, findNamesBelow, type NameKey } from '../records/names.ts'

/** Who answers for a name in a registry. */
export interface Ownership {
  /** The row of the project the name belongs to; its tags are the name's. */
  readonly owner: NameRow
  /**
   * The rows of all projects that answer together, the owner among them: a version is the first one's that ever had it.
   * Undefined: the owner alone.
   */
  readonly mixed?: readonly NameRow[]
}

/** In a project's own registry it answers alone. */
export function ownershipIn(
  core: Core,
  generation: number,
  projectId: number,
  name: NameKey,
): Promise<Ownership | undefined> {
  return core.kept.get(`name/${name.format}/${projectId}/${name.key}`, generation, async () => {
    const owner = await findName(core.database.read, projectId, name)
    return owner && { owner }
  })
}

/** Who answers for a name below one group, decided without regard to what anybody may read. */
export function ownershipBelow(
  core: Core,
  generation: number,
  groupId: number,
  name: NameKey,
): Promise<Ownership | undefined> {
  return core.kept.get(`owner/${name.format}/${groupId}/${name.key}`, generation, async () => {
    const [owner, another] = await findNamesBelow(core.database.read, groupId, name, { limit: 2 })
    if (!owner || !another) return owner && { owner }
    const mixed = await mixedRows(core.database.read, groupId, name, owner)
    return mixed ? { owner, mixed } : { owner }
  })
}

/**
 * Who answers below the group for the names of these rows, which are all of one format, by their numbers. Undefined:
 * another project than the row's; left out: nobody below the group has the name.
 */
export async function ownershipsBelow(
  core: Core,
  generation: number,
  groupId: number,
  names: readonly NameRow[],
): Promise<ReadonlyMap<number, Ownership | undefined>> {
  const { read, scan } = core.database
  const found = new Map<number, Ownership | undefined>()
  const [first] = names
  if (!first) return found
  const rules = await mixingIn(read, groupId, first.format)
  const owners = await ownersBelow(
    scan,
    groupId,
    names.map(({ id }) => id),
  )
  for (const row of names) {
    const owner = owners.get(row.id)
    if (owner === undefined) continue
    const isMixed = rules.some(({ pattern }) => matchesPattern(pattern, row.key))
    const ownership = isMixed ? await ownershipBelow(core, generation, groupId, row) : { owner: row }
    const answers = isMixed ? answersFor(ownership, row) : owner === row.id
    found.set(row.id, answers ? ownership : undefined)
  }
  return found
}

const answersFor = (ownership: Ownership | undefined, { id }: NameRow) =>
  ownership?.owner.id === id || ownership?.mixed?.some((one) => one.id === id) === true

/** Those of rows that answer. */
export const answering = (
  found: ReadonlyMap<number, Ownership | undefined>,
): ReadonlyMap<number, Ownership> =>
  new Map([...found].flatMap(([id, ownership]) => (ownership ? [[id, ownership] as const] : [])))

async function mixedRows(db: Db, groupId: number, name: NameKey, owner: NameRow) {
  const rules = await mixingIn(db, groupId, name.format)
  const rule = rules.find((one) => matchesPattern(one.pattern, name.key))
  if (!rule) return undefined
  const projectIds = mixedProjects(rule)
  const rows = await findNamesBelow(db, groupId, name, { projectIds })
  const inOrder = projectIds
    .map((id) => rows.find((row) => row.project_id === id))
    .filter((row) => row !== undefined)
  return inOrder.some((row) => row.id === owner.id) ? inOrder : [owner, ...inOrder]
}

/**
 * The numbers of those of these names, published below the group, that its registry shows: their owners', and those that
 * answer with them. What no other project ever published is its owner's without a question.
 */
export async function shownBelow(
  db: Db,
  groupId: number,
  names: readonly { readonly name: NameRow; readonly isAlone: boolean }[],
): Promise<ReadonlySet<number>> {
  const shown = new Set(names.filter(({ isAlone }) => isAlone).map(({ name }) => name.id))
  const doubtful = names.map(({ name }) => name).filter(({ id }) => !shown.has(id))
  const owners = await ownersBelow(
    db,
    groupId,
    doubtful.map(({ id }) => id),
  )
  for (const { id } of doubtful) if (owners.get(id) === id) shown.add(id)
  const others = doubtful.filter(({ id }) => !shown.has(id))
  for (const format of new Set(others.map((name) => name.format))) {
    const rules = await mixingIn(db, groupId, format)
    for (const name of others) {
      const rule = rules.find((one) => name.format === format && matchesPattern(one.pattern, name.key))
      if (rule && mixedProjects(rule).includes(name.project_id)) shown.add(name.id)
    }
  }
  return shown
}
