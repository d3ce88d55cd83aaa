import { z } from 'zod'
import { readsSome } from '../core/access/readable.ts'
import { findProjects } from '../core/records/projects.ts'
import type { RegistryContext } from '../core/registry/context.ts'
import { explain, type Candidate } from '../core/registry/explain.ts'
import { groupSource } from '../core/registry/group-source.ts'
import { instanceSource, servesInstance } from '../core/registry/instance-source.ts'
import { projectSource } from '../core/registry/project-source.ts'
import type { Source } from '../core/registry/source.ts'
import { notFound } from '../lib/problem.ts'
import { formatId, knownFormat, pathId } from './parameters.ts'
import { demandRest, groupAt, reachProject } from './reach.ts'
import { requirePackages } from './reach-package.ts'
import { route, type Call } from './route.ts'

const tag = 'Names'

const candidate = z.strictObject({
  kind: z.enum(['project', 'upstream']),
  id: z.int(),
  name: z.string().describe("the project's full path, or the upstream's name"),
})
const rules = {
  shadowed: 'another project owns the name here',
  owned: 'the name was published here once, so it never comes from upstream',
  reserved: 'the name is reserved here, so it never comes from upstream',
  excluded: 'its patterns leave the name out',
  later: 'an upstream before it has the name, or cannot be asked whether it has',
  offline: 'it is switched to offline and nothing of the name is kept',
  anonymous: 'nothing of the name is kept, and it is not asked for callers without a credential',
  missing: 'it has no such name',
  failed: 'it gave no answer',
} as const
const rule = z.enum(Object.keys(rules) as [keyof typeof rules])
const explanation = z
  .strictObject({
    format: z.string(),
    name: z.string(),
    version: z.string().nullable(),
    version_state: z.enum(['there', 'removed', 'missing']).nullable(),
    answered_by: z.array(candidate).describe('several where projects or upstreams mix'),
    hidden: z.array(z.strictObject({ ...candidate.shape, rule, reason: z.string() })),
  })
  .meta({ id: 'Explanation' })

type Asked = Call<
  { readonly format: string },
  { readonly name: string; readonly version?: string | undefined }
>

async function answer(call: Asked, source: Source): Promise<z.input<typeof explanation>> {
  requirePackages(call)
  const { core, principal, origin, generation, query } = call
  const format = core.formats.get(knownFormat(call, 'format', call.params.format))!
  const context: RegistryContext = {
    core,
    format,
    source,
    principal,
    origin,
    generation: () => generation,
    renew: async () => {},
  }
  const found = await explain(context, query.name, query.version)
  const named = await namesOf(call, [...found.answering, ...found.silent])
  return {
    format: format.id,
    name: found.name,
    version: query.version ?? null,
    version_state: found.version ?? null,
    answered_by: found.answering.map(named),
    hidden: found.silent.map((one) => ({ ...named(one), rule: one.rule, reason: rules[one.rule] })),
  }
}

async function namesOf({ core }: Asked, candidates: readonly Candidate[]) {
  const ids = candidates.flatMap((one) => (one.kind === 'project' ? [one.projectId] : []))
  const paths = new Map((await findProjects(core.database.read, ids)).map((row) => [row.id, row.full_path]))
  return (one: Candidate) =>
    one.kind === 'project'
      ? { kind: one.kind, id: one.projectId, name: paths.get(one.projectId) ?? '' }
      : { kind: one.kind, id: one.upstream.id, name: one.upstream.name }
}

const query = {
  name: z.string().min(1).max(1024),
  version: z.string().min(1).max(255).optional(),
}
const common = { tag, needs: 'read', query, response: explanation } as const
const reachedBy = (call: Asked & { readonly params: { readonly id: string } }) => ({
  formatId: call.params.format,
  idInUrl: encodeURIComponent(call.params.id),
})

export const explainRoutes = [
  route({
    ...common,
    method: 'GET',
    path: '/groups/:id/-/packages/:format/-/explain',
    summary: 'Who answers for a name in the registry of a group, who does not, and by which rule',
    params: { id: pathId, format: formatId },
    async run(call) {
      const { core, generation, principal } = call
      const group = await groupAt(call, call.params.id)
      const gathered = { kind: 'groups', groupIds: [group.id] } as const
      if (!(await readsSome(core, generation, principal, gathered)))
        await demandRest(call, 'see', { kind: 'group', group })
      return answer(
        call,
        groupSource(core, () => generation, group, reachedBy(call)),
      )
    },
  }),
  route({
    ...common,
    method: 'GET',
    path: '/projects/:id/packages/:format/-/explain',
    summary: 'The same for the registry of a project',
    params: { id: pathId, format: formatId },
    async run(call) {
      const project = await reachProject(call, call.params.id, 'read_packages')
      return answer(
        call,
        projectSource(call.core, () => call.generation, project, reachedBy(call)),
      )
    },
  }),
  route({
    ...common,
    method: 'GET',
    path: '/packages/:format/-/explain',
    summary: 'The same for the registry of the instance',
    params: { format: formatId },
    async run(call) {
      const { core, generation } = call
      const format = core.formats.get(knownFormat(call, 'format', call.params.format))!
      if (!servesInstance(core, format)) throw notFound()
      await demandRest(call, 'see', { kind: 'instance' })
      return answer(
        call,
        instanceSource(core, () => generation, format),
      )
    },
  }),
]
