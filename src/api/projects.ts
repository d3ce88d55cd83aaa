import { z } from 'zod'
import { changeProject } from '../core/owners/change.ts'
import { addProject } from '../core/owners/create.ts'
import { deleteProject, restoreProject } from '../core/owners/delete.ts'
import { findDeletedProject } from '../core/owners/deleted.ts'
import { found } from '../core/owners/manage.ts'
import { setProjectQuota } from '../core/owners/quota.ts'
import { pageOfProjects, projectListParameters } from './owner-lists.ts'
import { description, label, numberId, pathId, visibility } from './parameters.ts'
import { packagesAccess, projectJson, projectSchema, projectsJson } from './project-json.ts'
import { reachGroup, reachProject, seeProject } from './reach.ts'
import { listRoute, route } from './route.ts'
import { demandQuota, projectStatistics, quotaParameter, statisticsParameter } from './statistics.ts'
import { takenAs400 } from './taken.ts'
import { badParameter } from './validation.ts'

const tag = 'Projects'
const params = { id: pathId }

const list = listRoute({
  method: 'GET',
  path: '/projects',
  summary: 'Projects that the caller sees',
  tag,
  needs: 'read',
  query: projectListParameters,
  item: projectSchema,
  async run(call, window) {
    const page = await pageOfProjects(call, window)
    return { ...page, items: await projectsJson(call.core, page.items) }
  },
})

const one = route({
  method: 'GET',
  path: '/projects/:id',
  summary: 'A project',
  tag,
  needs: 'read',
  params,
  query: statisticsParameter,
  response: projectSchema,
  async run(call) {
    const project = await seeProject(call, call.params.id)
    const more = call.query.statistics ? await projectStatistics(call, project) : {}
    return { ...(await projectJson(call.core, project)), ...more }
  },
})

const create = route({
  method: 'POST',
  path: '/projects',
  summary: 'Make a project in a group',
  tag,
  needs: 'write',
  body: {
    name: label.optional().describe('left out: the path'),
    path: z.string().min(1).max(255).optional().describe('left out: made from the name'),
    namespace_id: numberId.describe("the group's number"),
    description: description.optional(),
    visibility: visibility.default('private'),
    package_registry_access_level: packagesAccess.default('enabled'),
  },
  response: projectSchema,
  async run(call) {
    const { namespace_id: groupId, name, path, package_registry_access_level: packages } = call.body
    const text = name ?? path
    if (text === undefined)
      throw badParameter('name, path are missing, at least one parameter must be provided')
    const group = await reachGroup(call, String(groupId), 'create_project')
    const wish = { ...call.body, name: text, path: path ?? pathFrom(text), packagesAccess: packages, group }
    return projectJson(call.core, await takenAs400(addProject(call, wish)))
  },
})

/** `My Library` as `my-library`. */
const pathFrom = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')

const change = route({
  method: 'PUT',
  path: '/projects/:id',
  summary: "Change a project's name, description, visibility, or who may pull",
  tag,
  needs: 'write',
  params,
  body: {
    name: label.optional(),
    description: description.optional(),
    visibility: visibility.optional(),
    package_registry_access_level: packagesAccess.optional(),
    ...quotaParameter,
  },
  response: projectSchema,
  async run(call) {
    await demandQuota(call, call.body)
    const project = await reachProject(call, call.params.id, 'admin_project')
    const { package_registry_access_level: packages, packages_size_limit: limit, ...rest } = call.body
    if (limit !== undefined) await setProjectQuota(call, project, limit)
    const wish = { ...rest, ...(packages ? { packages_access: packages } : {}) }
    return projectJson(call.core, await changeProject(call, project, wish))
  },
})

const remove = route({
  method: 'DELETE',
  path: '/projects/:id',
  summary: 'Delete a project with its packages; it can be restored for some days',
  tag,
  needs: 'write',
  status: 202,
  params,
  query: { confirm: z.string().optional().describe('its full path, if it holds packages') },
  response: z.strictObject({ message: z.string() }),
  async run(call) {
    const project = await reachProject(call, call.params.id, 'delete_project')
    await deleteProject(call, project, call.query.confirm)
    return { message: '202 Accepted' }
  },
})

const restore = route({
  method: 'POST',
  path: '/projects/:id/restore',
  summary: 'Bring a deleted project back',
  tag,
  needs: 'write',
  params,
  response: projectSchema,
  async run(call) {
    const project = found(await findDeletedProject(call.core.database.read, call.params.id), 'Project')
    return projectJson(call.core, await restoreProject(call, project))
  },
})

export const projectRoutes = [list, one, create, change, remove, restore]
