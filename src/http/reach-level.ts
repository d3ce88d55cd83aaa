/** Finds the project or group a package route names, and what the caller may do there. */
import { authorize, demand, type Resource } from '../core/access/authorize.ts'
import type { Principal } from '../core/access/principal.ts'
import { hidesSome, readableProjects, readsSome } from '../core/access/readable.ts'
import type { Permission } from '../core/access/rights.ts'
import type { Core } from '../core/core.ts'
import { refuseGone } from '../core/owners/deleted.ts'
import { findProject } from '../core/records/projects.ts'
import { groupSource } from '../core/registry/group-source.ts'
import { instanceSource, servesInstance } from '../core/registry/instance-source.ts'
import { projectSource } from '../core/registry/project-source.ts'
import { resolveGroup, resolveProject } from '../core/registry/resolve.ts'
import type { Gathered, Source } from '../core/registry/source.ts'
import type { ProjectRow } from '../database/schema.ts'
import type { Format } from '../formats/format.ts'
import { notFound, unauthorized } from '../lib/problem.ts'
import type { PackageAddress } from './package-address.ts'
import { decodeSegment } from './paths.ts'

export interface ReachedLevel {
  /** At project level. */
  readonly project: ProjectRow | undefined
  source(generation: () => number): Source
  /** Throws the refusal unless the caller has the permission here. */
  demand(permission: Permission): Promise<void>
  /** Whether there are projects here whose packages this caller may not read. */
  hidesSome(): Promise<boolean>
  /** Full paths of some projects below that the caller may publish to. */
  publishable(): Promise<string[]>
}

/** Throws as for a project that does not exist where the caller may not know that it does. */
export async function reachLevel(
  core: Core,
  generation: number,
  principal: Principal,
  format: Format<any>,
  address: PackageAddress,
): Promise<ReachedLevel> {
  const id = decodeSegment(address.id)
  const reached = { formatId: format.id, idInUrl: address.id }
  const asking = { core, generation, principal }
  if (address.level === 'project') {
    const project = await resolveProject(core, generation, id)
    if (!project) {
      await refuseGone(core, generation, principal, 'project', id)
      throw missing(principal, 'Project')
    }
    const source = (now: () => number) => projectSource(core, now, project, reached)
    return { ...level(asking, source, { kind: 'project', project }), project }
  }
  if (address.level === 'group') {
    const group = await resolveGroup(core, generation, id)
    if (!group) {
      await refuseGone(core, generation, principal, 'group', id)
      throw missing(principal, 'Group')
    }
    return level(asking, (now) => groupSource(core, now, group, reached), { kind: 'group', group })
  }
  if (!servesInstance(core, format)) {
    if (principal.kind === 'anonymous' && !core.config.access.anonymous) throw unauthorized()
    throw notFound(
      `404 Not Found: ${format.title} is not served at instance level; an administrator lists the groups that feed it under packages.instance.${format.id}`,
    )
  }
  return level(asking, (now) => instanceSource(core, now, format), { kind: 'instance' })
}

interface Asking {
  readonly core: Core
  readonly generation: number
  readonly principal: Principal
}

const missing = (principal: Principal, what: string) =>
  principal.kind === 'anonymous' ? unauthorized() : notFound(`404 ${what} Not Found`)

function level(
  asking: Asking,
  source: (generation: () => number) => Source,
  resource: Resource,
): ReachedLevel {
  const { core, generation, principal } = asking
  const gathered = () => source(() => generation).gathered()
  return {
    project: undefined,
    source,
    async demand(permission) {
      if (resource.kind === 'project') return demand(core, generation, principal, permission, resource)
      // Above a project the projects decide: what the caller may not read is simply not there.
      const decides =
        resource.kind === 'group' && (await readsSome(core, generation, principal, await gathered()))
      if (decides) return
      await demand(core, generation, principal, 'see', resource)
    },
    hidesSome: async () => hidesSome(core, principal, await gathered()),
    publishable: async () => publishable(asking, await gathered()),
  }
}

/** As many addresses as fit into a message. */
const mostNamed = 3

const mostLookedAt = 100

async function publishable({ core, generation, principal }: Asking, gathered: Gathered): Promise<string[]> {
  const paths: string[] = []
  const readable = readableProjects(core, principal, gathered).orderBy('projects.id').limit(mostLookedAt)
  for (const { id } of await readable.execute()) {
    const project = await findProject(core.database.read, id)
    if (!project) continue
    const decision = await authorize(core, generation, principal, 'publish', { kind: 'project', project })
    if (decision === 'allowed') paths.push(project.full_path)
    if (paths.length === mostNamed) break
  }
  return paths
}
