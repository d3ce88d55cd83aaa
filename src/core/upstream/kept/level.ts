/** The levels through which what is kept from upstreams can be read, and by whom. */
import { authorize, type Resource } from '../../access/authorize.ts'
import { readsSome } from '../../access/readable.ts'
import type { Format } from '../../../formats/format.ts'
import type { Acting } from '../../owners/acting.ts'
import type { Upstream } from '../../records/upstreams.ts'
import type { RegistryContext } from '../../registry/context.ts'
import { servesInstance } from '../../registry/instance-source.ts'
import { sourceAt } from '../../registry/source-at.ts'
import { upstreamsFor } from '../scope.ts'

/** An upstream, and registries that answer from what is kept of it, the preferred one first. */
export interface KeptSource {
  readonly upstream: Upstream
  readonly registries: readonly RegistryContext[]
}

/** Whether the caller may read the registries of a level, as their routes decide it: above a project it sees what it may. */
export async function mayEnter({ core, generation, principal }: Acting, level: Resource): Promise<boolean> {
  if (level.kind === 'group') {
    const below = { kind: 'groups', groupIds: [level.group.id] } as const
    if (await readsSome(core, generation, principal, below)) return true
  }
  const permission = level.kind === 'project' ? 'read_packages' : 'see'
  return (await authorize(core, generation, principal, permission, level)) === 'allowed'
}

/** All that the registries of a level answer from; nothing for who may not read them. */
export async function keptSourcesOf(acting: Acting, level: Resource): Promise<KeptSource[]> {
  if (!acting.core.config.packages.enabled || !(await mayEnter(acting, level))) return []
  const registries = [...acting.core.formats.values()].flatMap((format) => registryAt(acting, level, format))
  const found = await Promise.all(
    registries.map(async (registry) => {
      const upstreams = await upstreamsFor(registry)
      return upstreams.map((upstream) => ({ upstream, registries: [registry] }))
    }),
  )
  return found.flat()
}

/** The registry of a format at a level, if it is served there and fills from upstreams at all. */
export function registryAt(acting: Acting, level: Resource, format: Format<any>): RegistryContext[] {
  const isServed = level.kind !== 'instance' || servesInstance(acting.core, format)
  return format.upstream && isServed ? [contextAt(acting, level, format)] : []
}

/** One upstream of a level, for who manages it: as its own registry answers from it, or would. */
export function keptSourceAt(acting: Acting, level: Resource, upstream: Upstream): KeptSource {
  const format = acting.core.formats.get(upstream.format)
  return { upstream, registries: format?.upstream ? [contextAt(acting, level, format)] : [] }
}

function contextAt(acting: Acting, level: Resource, format: Format<any>): RegistryContext {
  const { core, generation, principal, origin } = acting
  const source = sourceAt(core, generation, level, format)
  return { core, format, source, principal, origin, generation: () => generation, renew: async () => {} }
}
