import { z } from 'zod'
import { readableAmong, readableProjects } from '../core/access/readable.ts'
import { moveName } from '../core/owners/names.ts'
import { pageOfGroupNames, projectsOfNames } from '../core/records/group-names.ts'
import { flag, formatId, knownFormat, numberId, pathId, searchText, time, timeOf } from './parameters.ts'
import { enterGroup, reachGroup } from './reach.ts'
import { requirePackages } from './reach-package.ts'
import { listRoute, route } from './route.ts'

const tag = 'Names'
const params = { id: pathId }

const owner = z.strictObject({ project_id: z.int(), project_path: z.string() })
const name = z
  .strictObject({
    format: z.string(),
    name: z.string(),
    project_id: z.int(),
    project_path: z.string(),
    first_published_at: time,
    /** Another project owns the name in this group. */
    shadowed: z.boolean(),
    /** Null: the caller may not read it. */
    owner: owner.nullable(),
  })
  .meta({ id: 'PackageName' })

const list = listRoute({
  method: 'GET',
  path: '/groups/:id/names',
  summary:
    'Names ever published below a group, and the project that owns each there; what the caller may read',
  tag,
  needs: 'read',
  params,
  query: {
    format: formatId.optional(),
    search: searchText.optional().describe('part of the name'),
    shadowed: flag.optional().describe('only those that another project owns, or only owners'),
  },
  item: name,
  async run(call, window) {
    requirePackages(call)
    const { core, principal, query } = call
    const group = await enterGroup(call, call.params.id)
    if (query.format !== undefined) knownFormat(call, 'format', query.format)
    const { scan } = core.database
    const gathered = { kind: 'groups', groupIds: [group.id] } as const
    const filter = { ...query, projects: readableProjects(core, principal, gathered) }
    const page = await pageOfGroupNames(scan, group.id, filter, window)
    const ownerIds = page.items.map((row) => row.owner_id)
    const projects = await projectsOfNames(core.database.read, ownerIds)
    const owning = [...projects.values()].map((project) => project.id)
    const readable = await readableAmong(core, principal, owning)
    const items = page.items.map((row) => {
      const project = projects.get(row.owner_id)
      const isReadable = project !== undefined && readable.has(project.id)
      return {
        format: row.format,
        name: row.name,
        project_id: row.project_id,
        project_path: row.project_path,
        first_published_at: timeOf(row.created_at),
        shadowed: row.owner_id !== row.id,
        owner: isReadable ? { project_id: project.id, project_path: project.full_path } : null,
      }
    })
    return { ...page, items }
  },
})

const move = route({
  method: 'POST',
  path: '/groups/:id/names/move',
  summary: 'Let another project that has published a name own it in a group',
  tag,
  needs: 'write',
  status: 200,
  params,
  body: { format: formatId, name: z.string().min(1).max(1024), project_id: numberId },
  response: z.strictObject({
    format: z.string(),
    name: z.string(),
    owner: z.strictObject({ project_id: z.int() }),
  }),
  async run(call) {
    const { format: id, name: wanted, project_id: projectId } = call.body
    const group = await reachGroup(call, call.params.id, 'admin_group')
    const format = call.core.formats.get(knownFormat(call, 'format', id))!
    const row = await moveName(call, group, format, { name: wanted, projectId })
    return { format: id, name: row.name, owner: { project_id: row.project_id } }
  },
})

export const nameRoutes = [list, move]
