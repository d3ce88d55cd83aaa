import type { Case } from '../case.ts'

export const groupCases: readonly Case[] = [
  {
    route: 'GET /groups',
    may: 'find',
    on: 'below',
    isList: true,
    request: () => ({ path: '/groups?per_page=100' }),
    shows: ({ group }) => `"${group.path}"`,
  },
  {
    route: 'GET /groups/:id',
    may: 'find',
    on: 'below',
    request: ({ group }) => ({ path: `/groups/${group.id}` }),
    shows: ({ group }) => group.path,
  },
  {
    route: 'POST /groups',
    may: 'admin_instance',
    request: () => ({ path: '/groups', body: { name: 'New', path: 'new-top' } }),
    changes: 'groups',
  },
  {
    route: 'POST /groups',
    may: 'create_subgroup',
    on: 'group',
    request: ({ group }) => ({ path: '/groups', body: { name: 'New', path: 'new', parent_id: group.id } }),
    changes: 'groups',
  },
  {
    route: 'PUT /groups/:id',
    may: 'admin_group',
    on: 'group',
    request: ({ group }) => ({ path: `/groups/${group.id}`, body: { description: 'changed' } }),
    changes: 'groups',
  },
  {
    route: 'DELETE /groups/:id',
    may: 'admin_group',
    on: 'group',
    request: ({ group }) => ({ path: `/groups/${group.id}?confirm=${group.path}` }),
    changes: 'groups',
  },
  {
    route: 'POST /groups/:id/restore',
    may: 'admin_group',
    on: 'group',
    request: ({ goneGroup }) => ({ path: `/groups/${goneGroup.id}/restore`, body: {} }),
    changes: 'groups',
  },
  {
    route: 'GET /groups/:id/subgroups',
    may: 'find',
    on: 'below',
    request: ({ group }) => ({ path: `/groups/${group.id}/subgroups` }),
  },
  {
    route: 'GET /groups/:id/projects',
    first: 'find below',
    may: 'find',
    isList: true,
    request: ({ group }) => ({ path: `/groups/${group.id}/projects` }),
    shows: ({ project }) => `"${project.path}"`,
  },
]
