import type { NameRow } from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import type { Core } from '../core.ts'
import { findPaths, type PathOwner } from '../records/paths.ts'
import { answering, ownershipBelow, ownershipIn, ownershipsBelow, type Ownership } from './ownership.ts'
import type { Source } from './source.ts'

/**
 * The registry of the whole instance. Where the format ties names to owners, a name is served from below the group or
 * project it names; otherwise from the groups that the configuration lists, in their order.
 */
export function instanceSource(core: Core, generation: () => number, format: Format<any>): Source {
  const fed = core.config.packages.instance[format.id] ?? []
  return {
    level: 'instance',
    place: { kind: 'instance' },
    key: 'i',
    prefix: `/api/v4/packages/${format.id}`,
    ownership: (key) =>
      format.names.owner
        ? ownerByConvention(core, generation(), format, key)
        : ownerAmong(core, generation(), fed, format.id, key),
    ownerships: (names) =>
      format.names.owner
        ? ownersByConvention(core, generation(), format, names)
        : ownersAmong(core, generation(), fed, names),
    gathered: async () =>
      format.names.owner
        ? { kind: 'all' }
        : { kind: 'groups', groupIds: await groupIdsOf(core, generation(), fed) },
    isOwnedAlone: (key, projectPath) => !format.names.owner || isNamed(format.names.owner(key), projectPath),
  }
}

/** Whether the format has a registry at instance level at all. */
export function servesInstance(core: Core, format: Format<any>): boolean {
  return format.names.owner !== undefined || (core.config.packages.instance[format.id] ?? []).length > 0
}

/** Whether a name's owner part is this project, a group above it, or goes on from it. */
function isNamed(ownerPath: string | undefined, projectPath: string): boolean {
  if (!ownerPath) return false
  const [owner, project] = [`${ownerPath}/`, `${projectPath}/`].map((path) => path.toLowerCase())
  return project!.startsWith(owner!) || owner!.startsWith(project!)
}

async function ownerByConvention(
  core: Core,
  generation: number,
  format: Format<any>,
  key: string,
): Promise<Ownership | undefined> {
  const ownerPath = format.names.owner?.(key)
  if (!ownerPath) return undefined
  const owner = await ownerNamed(core, generation, ownerPath)
  return owner && ownedBy(core, generation, owner, format.id, key)
}

/** The group or project that the owner part of a name means. */
async function ownerNamed(core: Core, generation: number, ownerPath: string): Promise<PathOwner | undefined> {
  const owner = await pathAbove(core, generation, ownerPath)
  return owner?.state === 'gone' ? undefined : owner
}

async function ownersByConvention(
  core: Core,
  generation: number,
  format: Format<any>,
  names: readonly NameRow[],
): Promise<ReadonlyMap<number, Ownership>> {
  const found = new Map<number, Ownership>()
  for (const [path, rows] of Map.groupBy(names, ({ key }) => format.names.owner?.(key))) {
    const owner = path && (await ownerNamed(core, generation, path))
    if (!owner) continue
    const owned =
      owner.group_id === null
        ? new Map(
            rows.filter((row) => row.project_id === owner.project_id).map((row) => [row.id, { owner: row }]),
          )
        : answering(await ownershipsBelow(core, generation, owner.group_id, rows))
    for (const [id, ownership] of owned) found.set(id, ownership)
  }
  return found
}

/** Of each name the first group below which anybody has it decides. */
async function ownersAmong(
  core: Core,
  generation: number,
  paths: readonly string[],
  names: readonly NameRow[],
): Promise<ReadonlyMap<number, Ownership>> {
  const found = new Map<number, Ownership | undefined>()
  for (const groupId of await groupIdsOf(core, generation, paths)) {
    const undecided = names.filter(({ id }) => !found.has(id))
    const decided = await ownershipsBelow(core, generation, groupId, undecided)
    for (const [id, ownership] of decided) found.set(id, ownership)
  }
  return answering(found)
}

/** The group or project whose path is the longest beginning of this one; also one that is gone. */
export function pathAbove(core: Core, generation: number, path: string): Promise<PathOwner | undefined> {
  return core.kept.get(`path-above/${path}`, generation, async () => {
    const [longest] = await findPaths(core.database.read, prefixes(path))
    return longest
  })
}

async function ownedBy(core: Core, generation: number, owner: PathOwner, format: string, key: string) {
  if (owner.group_id !== null) return ownershipBelow(core, generation, owner.group_id, { format, key })
  return ownershipIn(core, generation, owner.project_id!, { format, key })
}

function prefixes(path: string): string[] {
  const segments = path.split('/').slice(0, 21)
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'))
}

async function ownerAmong(
  core: Core,
  generation: number,
  paths: readonly string[],
  format: string,
  key: string,
) {
  for (const groupId of await groupIdsOf(core, generation, paths)) {
    const found = await ownershipBelow(core, generation, groupId, { format, key })
    if (found) return found
  }
  return undefined
}

function groupIdsOf(core: Core, generation: number, paths: readonly string[]): Promise<number[]> {
  return core.kept.get(`groups/${paths.join(' ')}`, generation, async () => {
    if (paths.length === 0) return []
    const rows = await findPaths(core.database.read, paths)
    const byKey = new Map(rows.map((row) => [row.key, row.group_id]))
    return paths.map((path) => byKey.get(path.toLowerCase())).filter((id) => typeof id === 'number')
  })
}
