import type { FormatCases } from '../testing/access-cases.ts'

const body = 'only for those who may read'

export const accessCases: FormatCases = {
  name: ({ group }) => `tool-of-${group}`,
  publish: (name) => [
    { method: 'PUT', path: `/${name}/1.0/a.txt`, body },
    { method: 'PUT', path: `/${name}/1.0/b.txt`, body },
  ],
  cases: [
    {
      route: 'GET /:name/:version/:path+',
      may: 'read_packages',
      request: ({ name }) => ({ method: 'GET', path: `/${name}/1.0/a.txt` }),
      shows: body,
    },
    {
      route: 'GET /:name/:version/:path+',
      may: 'read_packages',
      request: ({ name }) => ({ method: 'GET', path: `/${name}/latest/a.txt` }),
      shows: body,
    },
    {
      route: 'PUT /:name/:version/:path+',
      may: 'publish',
      request: ({ name }) => ({ method: 'PUT', path: `/${name}/1.0/a.txt`, body: 'other' }),
      changes: 'files',
    },
    {
      route: 'PUT /:name/:version/:path+',
      may: 'publish',
      request: () => ({ method: 'PUT', path: '/new-one/1.0/a.txt', body: 'other' }),
      changes: 'packages',
    },
    {
      route: 'DELETE /:name/:version/:path+',
      may: 'delete',
      request: ({ name }) => ({ method: 'DELETE', path: `/${name}/1.0/a.txt` }),
      changes: 'files',
    },
  ],
}
