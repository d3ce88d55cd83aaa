import type { Case } from '../case.ts'

export const projectCases: readonly Case[] = [
  {
    route: 'GET /projects',
    may: 'find',
    isList: true,
    request: () => ({ path: '/projects?per_page=100' }),
    shows: ({ project }) => `"${project.path}"`,
  },
  {
    route: 'GET /projects/:id',
    may: 'find',
    request: ({ project }) => ({ path: `/projects/${project.id}` }),
    shows: ({ project }) => `"${project.path}"`,
  },
  {
    route: 'GET /projects/:id',
    may: 'read_packages',
    first: 'find',
    isList: true,
    request: ({ project }) => ({ path: `/projects/${project.id}?statistics=true` }),
    shows: () => '"packages_size"',
  },
  {
    route: 'PUT /projects/:id',
    may: 'admin_instance',
    request: ({ project }) => ({ path: `/projects/${project.id}`, body: { packages_size_limit: 1e12 } }),
    changes: 'projects',
  },
  {
    route: 'POST /projects',
    may: 'create_project',
    on: 'group',
    request: ({ group }) => ({ path: '/projects', body: { name: 'new', namespace_id: group.id } }),
    changes: 'projects',
  },
  {
    route: 'PUT /projects/:id',
    may: 'admin_project',
    request: ({ project }) => ({ path: `/projects/${project.id}`, body: { description: 'changed' } }),
    changes: 'projects',
  },
  {
    route: 'DELETE /projects/:id',
    may: 'delete_project',
    request: ({ project }) => ({
      path: `/projects/${project.id}?confirm=${encodeURIComponent(project.path)}`,
    }),
    changes: 'projects',
  },
  {
    route: 'POST /projects/:id/restore',
    may: 'delete_project',
    // Nobody has a role on it but by the group.
    on: 'group',
    request: ({ goneProject }) => ({ path: `/projects/${goneProject.id}/restore`, body: {} }),
    changes: 'projects',
  },
]
