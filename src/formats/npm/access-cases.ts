import { hash } from 'node:crypto'
import type { ClientRequest } from '../testing/samples.ts'
import type { FormatCase, FormatCases, Published } from '../testing/access-cases.ts'
import { sampleBody, sampleTarball } from './samples.ts'

const content = 'for those who may read'
const shasum = hash('sha1', sampleTarball(content))
const sent = { 'content-type': 'application/json' }
const urlOf = (name: string) => `/${name.replace('/', '%2f')}`
const bodyOf = (body: unknown) => ({ headers: sent, body: JSON.stringify(body) })

function publication(name: string, version: string, tag: string): ClientRequest {
  return { method: 'PUT', path: urlOf(name), ...bodyOf(sampleBody({ name, version, content }, tag)) }
}

const tagged = ({ name }: Published, rest = '') => `/-/package${urlOf(name)}/dist-tags${rest}`
const manifest = (name: string, version: string, more: object = {}) => ({ name, version, ...more })

/** The packument as npm sends it back, with these versions. */
function packument({ name, revision }: Published, versions: Record<string, object>) {
  return bodyOf({ _id: name, _rev: revision, name, 'dist-tags': {}, versions })
}

const read = (path: string): Pick<FormatCase, 'route' | 'may'> => ({
  route: `GET ${path}`,
  may: 'read_packages',
})
const audit = bodyOf({})

const open: readonly FormatCase[] = [
  { route: 'GET /-/ping', may: 'nothing', request: () => ({ method: 'GET', path: '/-/ping' }) },
  { route: 'GET /-/whoami', may: 'token', request: () => ({ method: 'GET', path: '/-/whoami' }) },
  {
    route: 'POST /-/v1/login',
    may: 'nothing',
    status: 404,
    request: () => ({ method: 'POST', path: '/-/v1/login', ...bodyOf({}) }),
  },
  {
    route: 'PUT /-/user/:user',
    may: 'nothing',
    status: 401,
    request: () => ({
      method: 'PUT',
      path: '/-/user/org.couchdb.user:x',
      ...bodyOf({ password: 'no token' }),
    }),
  },
  {
    route: 'POST /-/npm/v1/oidc/token/exchange/package/:name+',
    may: 'nothing',
    status: 401,
    request: () => ({ method: 'POST', path: '/-/npm/v1/oidc/token/exchange/package/any', ...bodyOf({}) }),
  },
  {
    route: 'DELETE /-/user/token/:token',
    may: 'nothing',
    request: () => ({ method: 'DELETE', path: '/-/user/token/any' }),
  },
]

const reading: readonly FormatCase[] = [
  {
    ...read('/-/v1/search'),
    isList: true,
    request: () => ({ method: 'GET', path: '/-/v1/search?text=lib&size=250' }),
    shows: ({ name }) => name,
  },
  ...['advisories/bulk', 'audits/quick', 'audits'].map((path): FormatCase => ({
    route: `POST /-/npm/v1/security/${path}`,
    may: 'read_packages',
    isList: true,
    request: () => ({ method: 'POST', path: `/-/npm/v1/security/${path}`, ...audit }),
  })),
  // Only upstreams have these, and there are none: everybody is told so.
  {
    ...read('/-/npm/v1/keys'),
    isList: true,
    status: 404,
    request: () => ({ method: 'GET', path: '/-/npm/v1/keys' }),
  },
  {
    ...read('/-/npm/v1/attestations/:spec+'),
    isList: true,
    status: 404,
    request: ({ name }) => ({ method: 'GET', path: `/-/npm/v1/attestations${urlOf(name)}@7.7.7` }),
  },
  {
    ...read('/-/package/:name+/dist-tags'),
    request: (at) => ({ method: 'GET', path: tagged(at) }),
    shows: '7.7.7',
  },
  {
    ...read('/:name+/-/:file+'),
    request: ({ name }) => ({ method: 'GET', path: `/${name}/-/lib-7.7.7.tgz` }),
    shows: sampleTarball(content),
  },
  { ...read('/:path+'), request: ({ name }) => ({ method: 'GET', path: urlOf(name) }), shows: shasum },
  {
    ...read('/:path+'),
    request: ({ name }) => ({
      method: 'GET',
      path: urlOf(name),
      headers: { accept: 'application/vnd.npm.install-v1+json' },
    }),
    shows: shasum,
  },
  { ...read('/:path+'), request: ({ name }) => ({ method: 'GET', path: `/${name}/7.7.7` }), shows: shasum },
]

const tagging: readonly FormatCase[] = [
  ...(['PUT', 'POST'] as const).flatMap((method): FormatCase[] => [
    {
      route: `${method} /-/package/:name+/dist-tags`,
      may: 'publish',
      request: (at) => ({ method, path: tagged(at), ...bodyOf({ latest: '7.7.7', next: '7.7.7' }) }),
      changes: 'tags',
    },
    {
      route: `${method} /-/package/:name+/dist-tags/:tag`,
      may: 'publish',
      request: (at) => ({ method, path: tagged(at, '/next'), ...bodyOf('7.7.7') }),
      changes: 'tags',
    },
  ]),
  {
    route: 'DELETE /-/package/:name+/dist-tags/:tag',
    may: 'publish',
    request: (at) => ({ method: 'DELETE', path: tagged(at, '/beta') }),
    changes: 'tags',
  },
]

const changing: readonly FormatCase[] = [
  {
    route: 'PUT /:name+',
    may: 'publish',
    request: ({ name }) => publication(name, '8.0.0', 'latest'),
    changes: 'packages',
  },
  {
    route: 'PUT /:name+',
    may: 'delete',
    request: (at) => ({
      method: 'PUT',
      path: urlOf(at.name),
      ...packument(at, { '7.7.7': manifest(at.name, '7.7.7', { deprecated: 'old' }) }),
    }),
    changes: 'packages',
  },
  {
    route: 'PUT /:name+/-rev/:rev',
    may: 'delete',
    request: (at) => ({
      method: 'PUT',
      path: `${urlOf(at.name)}/-rev/${at.revision}`,
      ...packument(at, { '7.7.6': manifest(at.name, '7.7.6') }),
    }),
    changes: 'packages',
  },
  {
    route: 'DELETE /:name+/-/:file+/-rev/:rev',
    may: 'delete',
    request: ({ name, revision }) => ({
      method: 'DELETE',
      path: `/${name}/-/lib-7.7.7.tgz/-rev/${revision}`,
    }),
    changes: 'packages',
  },
  {
    route: 'DELETE /:name+/-rev/:rev',
    may: 'delete',
    request: ({ name, revision }) => ({ method: 'DELETE', path: `${urlOf(name)}/-rev/${revision}` }),
    changes: 'packages',
  },
]

export const accessCases: FormatCases = {
  name: ({ group }) => `@${group}/lib`,
  publish: (name) => [publication(name, '7.7.6', 'beta'), publication(name, '7.7.7', 'latest')],
  cases: [...open, ...reading, ...tagging, ...changing],
}
