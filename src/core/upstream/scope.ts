/** Which upstreams a registry asks, and for which names. */
import { matchesPattern } from '../access/patterns.ts'
import type { Core } from '../core.ts'
import type { PinPlace } from '../records/pins.ts'
import { hasUpstreams, nearestUpstreams, upstreamsOf, type Upstream } from '../records/upstreams.ts'
import type { RegistryContext } from '../registry/context.ts'
import { fold } from './hidden.ts'

/** The upstreams of a registry in their order: a project's own, those of the level nearest to a group, the instance's. */
export async function upstreamsFor(context: RegistryContext): Promise<readonly Upstream[]> {
  const { core, format, source, generation } = context
  if (!format.upstream) return []
  if (!(await fillsAnywhere(core, generation(), format.id))) return []
  const { place } = source
  return core.kept.get(`upstreams/${format.id}/${source.key}`, generation(), () => {
    const db = core.database.read
    if (place.kind === 'project') return upstreamsOf(db, { projectId: place.project.id }, format.id)
    if (place.kind === 'group') return nearestUpstreams(db, place.group.id, format.id)
    return upstreamsOf(db, 'instance', format.id)
  })
}

/** Whether any registry of the format fills from another: one question for all, since most servers have no upstreams, or few. */
export const fillsAnywhere = (core: Core, generation: number, format: string): Promise<boolean> =>
  core.kept.get(`upstreams/any/${format}`, generation, () => hasUpstreams(core.database.read, format))

/** Where first-seen digests of what this registry fills are pinned. */
export function pinPlaceOf({ source: { place }, format }: RegistryContext): PinPlace {
  const rootId =
    place.kind === 'project' ? place.project.root_id : place.kind === 'group' ? place.group.root_id : 0
  return { rootId, format: format.id }
}

/** Whether an upstream is asked for names like this one (normalised). */
export function isAskedFor(
  { include, exclude }: Pick<Upstream, 'include' | 'exclude'>,
  name: string,
): boolean {
  const folded = fold(name)
  const matches = (pattern: string) => matchesPattern(fold(pattern), folded)
  return !exclude.some(matches) && (include.length === 0 || include.some(matches))
}

/** Whether this caller may make the upstream be asked for what is not kept. */
export function mayFill({ principal }: RegistryContext, { offline, anonymousFill }: Upstream): boolean {
  return !offline && (principal.kind !== 'anonymous' || anonymousFill)
}

/** The name as upstreams spell it; undefined: no upstream could have it. */
export function upstreamName({ format }: RegistryContext, name: string): string | undefined {
  try {
    return (format.upstream?.normalizeName ?? format.names.normalize)(name)
  } catch {
    return undefined
  }
}
