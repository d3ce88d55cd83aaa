/** All that is kept from upstreams and that a caller may read, through whichever levels. */
import { heldGroups, openTo, sweeping } from '../../access/in-bulk.ts'
import { readableProjects } from '../../access/readable.ts'
import { roles } from '../../access/rights.ts'
import { visibleGroups } from '../../access/visible.ts'
import type { Acting } from '../../owners/acting.ts'
import { findProjects } from '../../records/projects.ts'
import {
  groupsAskingInstance,
  groupsById,
  upstreamsOfMany,
  type GroupQuery,
} from '../../records/upstream-places.ts'
import type { Upstream } from '../../records/upstreams.ts'
import type { RegistryContext } from '../../registry/context.ts'
import { fillsAnywhere } from '../scope.ts'
import { mayEnter, registryAt, type KeptSource } from './level.ts'

/** No more upstreams than these are searched, the oldest first. */
const mostUpstreams = 500
/** Groups looked at for those that ask the instance's upstreams, and the top-level groups of which one is kept. */
const [mostGroups, mostRoots] = [100, 10]

/** The upstreams of all levels whose registries the caller may read, with those through which it reads them. */
export async function keptSourcesEverywhere(acting: Acting): Promise<KeptSource[]> {
  const { core, generation, principal } = acting
  const filling = [...core.formats.values()].filter((format) => format.upstream)
  const isAny = await Promise.all(filling.map(({ id }) => fillsAnywhere(core, generation, id)))
  if (!core.config.packages.enabled || !isAny.includes(true)) return []
  const projects = readableProjects(core, principal, { kind: 'all' })
  const groups = enterableGroups(acting)
  const upstreams = await upstreamsOfMany(core.database.read, { projects, groups }, mostUpstreams)
  const registries = await registriesOf(acting, upstreams, groups)
  return upstreams.flatMap((upstream) => {
    const found = registries(upstream)
    return found.length > 0 ? [{ upstream, registries: found }] : []
  })
}

/** As `mayEnter` decides for one. */
function enterableGroups({ core, principal }: Acting): GroupQuery {
  const db = core.database.read
  const groups = visibleGroups(core, principal).select('groups.id')
  if (sweeping(core, principal, 'see') !== undefined) return groups
  const above = db
    .selectFrom('group_tree')
    .innerJoin('projects', 'projects.group_id', 'group_tree.group_id')
    .select('group_tree.ancestor_id')
    .where('projects.id', 'in', readableProjects(core, principal, { kind: 'all' }))
  return groups.where((eb) =>
    eb.or([
      eb('groups.visibility', 'in', openTo(principal)),
      eb('groups.id', 'in', heldGroups(core, principal, roles.guest, db)),
      eb('groups.id', 'in', above),
    ]),
  )
}

type Registries = (upstream: Upstream) => readonly RegistryContext[]

async function registriesOf(
  acting: Acting,
  upstreams: readonly Upstream[],
  enterable: GroupQuery,
): Promise<Registries> {
  const db = acting.core.database.read
  const numbers = (column: 'groupId' | 'projectId') => [
    ...new Set(upstreams.flatMap((one) => one[column] ?? [])),
  ]
  const ofInstance = upstreams.filter(({ groupId, projectId }) => groupId === null && projectId === null)
  const formats = [...new Set(ofInstance.map(({ format }) => format))]
  const [groups, projects, instance] = await Promise.all([
    groupsById(db, numbers('groupId')),
    findProjects(db, numbers('projectId')),
    Promise.all(formats.map(async (id) => [id, await fillingFromInstance(acting, enterable, id)] as const)),
  ])
  const groupOf = new Map(groups.map((group) => [group.id, { kind: 'group', group } as const]))
  const projectOf = new Map(projects.map((project) => [project.id, { kind: 'project', project } as const]))
  const ofAll = new Map(instance)
  return ({ groupId, projectId, format: id }) => {
    const format = acting.core.formats.get(id)
    const level =
      groupId !== null ? groupOf.get(groupId) : projectId !== null ? projectOf.get(projectId) : null
    if (level === null) return ofAll.get(id) ?? []
    return format && level ? registryAt(acting, level, format) : []
  }
}

/** Registries that fill from the instance's upstreams: of one group below each of some top-level groups, and its own. */
async function fillingFromInstance(
  acting: Acting,
  enterable: GroupQuery,
  formatId: string,
): Promise<RegistryContext[]> {
  const format = acting.core.formats.get(formatId)
  if (!format) return []
  const groups = await groupsAskingInstance(acting.core.database.read, enterable, formatId, mostGroups)
  const byRoot = [...Map.groupBy(groups, (group) => group.root_id).values()].slice(0, mostRoots)
  const below = byRoot.flatMap(([group]) => registryAt(acting, { kind: 'group', group: group! }, format))
  const everywhere = { kind: 'instance' } as const
  return (await mayEnter(acting, everywhere)) ? [...below, ...registryAt(acting, everywhere, format)] : below
}
