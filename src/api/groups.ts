import { z } from 'zod'
import { changeGroup } from '../core/owners/change.ts'
import { addGroup } from '../core/owners/create.ts'
import { deleteGroup, restoreGroup } from '../core/owners/delete.ts'
import { findDeletedGroup } from '../core/owners/deleted.ts'
import { found } from '../core/owners/manage.ts'
import { setGroupQuota } from '../core/owners/quota.ts'
import { groupJson, groupSchema, groupsJson } from './group-json.ts'
import { groupListParameters, pageOfGroups, pageOfProjects, projectListParameters } from './owner-lists.ts'
import { description, flag, label, numberId, pathId, visibility } from './parameters.ts'
import { projectSchema, projectsJson } from './project-json.ts'
import { reachGroup, seeGroup } from './reach.ts'
import { listRoute, route } from './route.ts'
import { demandQuota, groupStatistics, quotaParameter, statisticsParameter } from './statistics.ts'
import { takenAs400 } from './taken.ts'

const tag = 'Groups'
const params = { id: pathId }

const list = listRoute({
  method: 'GET',
  path: '/groups',
  summary: 'Groups that the caller sees',
  tag,
  needs: 'read',
  query: { ...groupListParameters, top_level_only: flag.default(false) },
  item: groupSchema,
  async run(call, window) {
    const page = await pageOfGroups(call, window, call.query.top_level_only ? null : undefined)
    return { ...page, items: await groupsJson(call.core, page.items) }
  },
})

const one = route({
  method: 'GET',
  path: '/groups/:id',
  summary: 'A group',
  tag,
  needs: 'read',
  params,
  query: statisticsParameter,
  response: groupSchema,
  async run(call) {
    const group = await seeGroup(call, call.params.id)
    const more = call.query.statistics ? await groupStatistics(call, group) : {}
    return { ...(await groupJson(call.core, group)), ...more }
  },
})

const create = route({
  method: 'POST',
  path: '/groups',
  summary: 'Make a group, which the caller then owns',
  tag,
  needs: 'write',
  body: {
    name: label,
    path: z.string().min(1).max(255),
    description: description.optional(),
    visibility: visibility.default('private'),
    parent_id: numberId.nullish().describe('left out: a top-level group'),
  },
  response: groupSchema,
  async run(call) {
    const { parent_id: parentId, ...wish } = call.body
    const parent = parentId ? await reachGroup(call, String(parentId), 'see') : undefined
    return groupJson(call.core, await takenAs400(addGroup(call, { ...wish, parent })))
  },
})

const change = route({
  method: 'PUT',
  path: '/groups/:id',
  summary: "Change a group's name, description or visibility",
  tag,
  needs: 'write',
  params,
  body: {
    name: label.optional(),
    description: description.optional(),
    visibility: visibility.optional(),
    ...quotaParameter,
  },
  response: groupSchema,
  async run(call) {
    await demandQuota(call, call.body)
    const group = await reachGroup(call, call.params.id, 'admin_group')
    const { packages_size_limit: limit, ...wish } = call.body
    if (limit !== undefined) await setGroupQuota(call, group, limit)
    return groupJson(call.core, await changeGroup(call, group, wish))
  },
})

const remove = route({
  method: 'DELETE',
  path: '/groups/:id',
  summary: 'Delete a group with everything below it; it can be restored for some days',
  tag,
  needs: 'write',
  status: 202,
  params,
  query: { confirm: z.string().optional().describe('its full path, if packages stand below it') },
  response: z.strictObject({ message: z.string() }),
  async run(call) {
    await deleteGroup(call, await reachGroup(call, call.params.id, 'admin_group'), call.query.confirm)
    return { message: '202 Accepted' }
  },
})

const restore = route({
  method: 'POST',
  path: '/groups/:id/restore',
  summary: 'Bring a deleted group back with what was deleted with it',
  tag,
  needs: 'write',
  params,
  response: groupSchema,
  async run(call) {
    const group = found(await findDeletedGroup(call.core.database.read, call.params.id), 'Group')
    return groupJson(call.core, await restoreGroup(call, group))
  },
})

const subgroups = listRoute({
  method: 'GET',
  path: '/groups/:id/subgroups',
  summary: 'Groups directly in a group',
  tag,
  needs: 'read',
  params,
  query: groupListParameters,
  item: groupSchema,
  async run(call, window) {
    const group = await seeGroup(call, call.params.id)
    const page = await pageOfGroups(call, window, group.id)
    return { ...page, items: await groupsJson(call.core, page.items) }
  },
})

const projects = listRoute({
  method: 'GET',
  path: '/groups/:id/projects',
  summary: 'Projects in a group',
  tag,
  needs: 'read',
  params,
  query: { ...projectListParameters, include_subgroups: flag.default(false) },
  item: projectSchema,
  async run(call, window) {
    const group = await seeGroup(call, call.params.id)
    const page = await pageOfProjects(call, window, { id: group.id, below: call.query.include_subgroups })
    return { ...page, items: await projectsJson(call.core, page.items) }
  },
})

export const groupRoutes = [list, one, create, change, remove, restore, subgroups, projects]
