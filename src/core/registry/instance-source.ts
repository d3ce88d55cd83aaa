import type { Format } from '../../formats/format.ts'
import type { Core } from '../core.ts'
import { findPaths, type PathOwner } from '../records/paths.ts'
import { ownershipBelow, ownershipIn, type Ownership } from './ownership.ts'
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
  const owner = ownerPath ? await pathAbove(core, generation, ownerPath) : undefined
  if (!owner || owner.state === 'gone') return undefined
  return ownedBy(core, generation, owner, format.id, key)
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
