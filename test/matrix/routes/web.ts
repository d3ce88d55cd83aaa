/** Every page, by hand: who is let in. Tokens count for nothing here, sessions alone. */
import type { Case } from '../case.ts'
import type { Place } from '../place.ts'
import { id as upstreamId } from './at-place.ts'
import { aKeptFile, anUpstream, format, keptName } from './upstreams.ts'
import { blockNewcomer } from './users.ts'

const projectPage = ({ project }: Place) => `/${project.path}`
const groupPage = ({ group }: Place) => `/groups/${group.path}`
const aboutPackages = '/-/packages'

const doors: readonly Case[] = [
  { route: 'GET /setup', may: 'nobody', request: () => ({ path: '/setup?key=made-up' }) },
  {
    route: 'POST /setup',
    may: 'nobody',
    request: () => ({
      path: '/setup',
      body: { key: 'made-up', username: 'x', password: 'long enough', again: 'long enough' },
    }),
  },
  { route: 'GET /password', may: 'nobody', request: () => ({ path: '/password?key=made-up' }) },
  {
    route: 'POST /password',
    may: 'nobody',
    request: () => ({
      path: '/password',
      body: { key: 'made-up', password: 'long enough', again: 'long enough' },
    }),
  },
  { route: 'GET /sign-in', may: 'nothing', isRedirecting: true, request: () => ({ path: '/sign-in' }) },
  // Where no provider is configured, nobody comes in by one.
  { route: 'GET /sign-in/sso', may: 'nobody', request: () => ({ path: '/sign-in/sso' }) },
  {
    route: 'GET /sign-in/sso/callback',
    may: 'nobody',
    request: () => ({ path: '/sign-in/sso/callback?code=x&state=y' }),
  },
  // That no password at all lets anybody in; the right one is another test's matter.
  {
    route: 'POST /sign-in',
    may: 'nobody',
    request: () => ({ path: '/sign-in', body: { username: 'root' } }),
  },
  {
    route: 'POST /sign-out',
    may: 'person',
    changes: 'sessions',
    request: () => ({ path: '/sign-out', body: {} }),
  },
]

const own: readonly Case[] = [
  {
    route: 'GET /',
    may: 'find',
    isList: true,
    request: () => ({ path: '/' }),
    shows: ({ project }) => project.path,
  },
  { route: 'GET /tokens', may: 'person', request: () => ({ path: '/tokens' }) },
  {
    route: 'POST /tokens',
    may: 'person',
    request: () => ({ path: '/tokens', body: { name: 'new', scopes: 'api' } }),
    changes: 'tokens',
  },
  {
    route: 'POST /tokens/:id/revoke',
    may: 'admin_instance',
    isSecret: true,
    request: ({ rootTokenId }) => ({ path: `/tokens/${rootTokenId}/revoke`, body: {} }),
    changes: 'tokens',
  },
  { route: 'GET /-/new-group', may: 'admin_instance', request: () => ({ path: '/-/new-group' }) },
  {
    route: 'POST /-/new-group',
    may: 'admin_instance',
    request: () => ({ path: '/-/new-group', body: { path: 'new-top' } }),
    changes: 'groups',
  },
]

const people: readonly Case[] = [
  {
    route: 'GET /users',
    may: 'admin_instance',
    request: () => ({ path: '/users' }),
    shows: ({ newcomer }) => newcomer.path,
  },
  {
    route: 'POST /users',
    may: 'admin_instance',
    request: () => ({ path: '/users', body: { username: 'somebody-new' } }),
    changes: 'users',
  },
  {
    route: 'POST /users/:id/link',
    may: 'admin_instance',
    request: ({ newcomer }) => ({ path: `/users/${newcomer.id}/link`, body: {} }),
    changes: 'links',
  },
  {
    route: 'POST /users/:id/block',
    may: 'admin_instance',
    request: ({ newcomer }) => ({ path: `/users/${newcomer.id}/block`, body: {} }),
    changes: 'users',
  },
  {
    route: 'POST /users/:id/unblock',
    may: 'admin_instance',
    prepare: blockNewcomer,
    request: ({ newcomer }) => ({ path: `/users/${newcomer.id}/unblock`, body: {} }),
    changes: 'users',
  },
]

const show = (path: (place: Place) => string): Pick<Case, 'route' | 'request'> => ({
  route: 'GET /*',
  request: (place) => ({ path: path(place) }),
})
const act = (path: (place: Place) => string): Pick<Case, 'route' | 'request'> => ({
  route: 'POST /*',
  request: (place) => ({ path: path(place), body: { path: 'new' } }),
})

const owners: readonly Case[] = [
  { ...show(groupPage), may: 'find', on: 'below', shows: ({ group }) => `<h1>${group.path}` },
  {
    ...show((place) => groupPage(place) + aboutPackages),
    first: 'find below',
    may: 'read_packages',
    isList: true,
    shows: ({ packageId, project }) => `/${project.path}/-/packages/${packageId}"`,
  },
  {
    ...show((place) => `${groupPage(place)}/-/new-group`),
    first: 'find below',
    may: 'create_subgroup',
    on: 'group',
    isKnown: true,
  },
  {
    ...show((place) => `${groupPage(place)}/-/new-project`),
    first: 'find below',
    may: 'create_project',
    on: 'group',
    isKnown: true,
  },
  { ...show(projectPage), may: 'find', shows: () => '<h1>app' },
  {
    ...show((place) => projectPage(place) + aboutPackages),
    first: 'find',
    may: 'read_packages',
    isList: true,
    shows: ({ packageId, project }) => `/${project.path}/-/packages/${packageId}"`,
  },
  {
    ...show((place) => `${projectPage(place)}/-/packages/${place.packageId}`),
    first: 'find',
    may: 'read_packages',
    shows: () => '<h1>rest',
  },
  {
    ...show((place) => `${projectPage(place)}/-/package_files/${place.fileId}/download`),
    first: 'find',
    may: 'read_packages',
    shows: ({ bytes }) => bytes,
  },
  {
    ...show((place) => `${projectPage(place)}/-/packages/${place.siblingFiles.packageId}`),
    may: 'nobody',
    shows: () => '<h1>rest',
  },
  {
    ...show((place) => `${projectPage(place)}/-/package_files/${place.siblingFiles.fileId}/download`),
    may: 'nobody',
    shows: () => 'bytes of project',
  },
  {
    ...act((place) => `${groupPage(place)}/-/new-group`),
    may: 'create_subgroup',
    on: 'group',
    changes: 'groups',
  },
  {
    ...act((place) => `${groupPage(place)}/-/new-project`),
    may: 'create_project',
    on: 'group',
    changes: 'projects',
  },
]

/** Tokens of groups and projects. */
const tokenPages: readonly Case[] = (['project', 'group'] as const).flatMap((what) =>
  (['access', 'deploy'] as const).flatMap((kind): Case[] => {
    const home = what === 'project' ? projectPage : groupPage
    const path = (place: Place) => `${home(place)}/-/${kind}_tokens`
    const may = what === 'project' ? 'admin_project' : 'admin_group'
    const form =
      kind === 'access' ? { scopes: 'read_api', access_level: '10' } : { scopes: 'read_package_registry' }
    const who = { may, on: what } as const
    return [
      { ...show(path), ...who, shows: () => `${kind} of the place` },
      {
        route: 'POST /*',
        ...who,
        request: (place) => ({ path: path(place), body: { name: 'new', ...form } }),
        changes: 'tokens',
      },
      {
        route: 'POST /*',
        ...who,
        request: (place) => ({ path: `${path(place)}/${place.tokens[what][kind]}/revoke`, body: {} }),
        changes: 'tokens',
      },
    ]
  }),
)

/** Of the instance, a group and a project. */
const upstreamPages: readonly Case[] = (['instance', 'group', 'project'] as const).flatMap(
  (where): Case[] => {
    const isInstance = where === 'instance'
    const home = where === 'project' ? projectPage : groupPage
    const path = (place: Place) => (isInstance ? '/admin/upstreams' : `${home(place)}/-/upstreams`)
    const route = isInstance ? '/admin/upstreams' : '/*'
    const one = isInstance ? '/admin/upstreams/:id/:verb' : '/*'
    const who = isInstance
      ? ({ may: 'admin_instance' } as const)
      : ({ may: `admin_${where}`, on: where } as const)
    const prepare = anUpstream(where)
    return [
      {
        route: `GET ${route}`,
        ...who,
        prepare,
        request: (place) => ({ path: path(place) }),
        shows: () => 'localhost:9/mirror',
      },
      {
        route: `POST ${route}`,
        ...who,
        request: (place) => ({ path: path(place), body: { format, url: 'https://localhost:9/new' } }),
        changes: 'upstreams',
      },
      {
        route: `POST ${one}`,
        ...who,
        prepare,
        request: (place) => ({ path: `${path(place)}/${upstreamId}/remove`, body: {} }),
        changes: 'upstreams',
      },
      {
        route: `POST ${one}`,
        ...who,
        prepare,
        request: (place) => ({ path: `${path(place)}/${upstreamId}/test`, body: {} }),
        shows: () => 'not reachable',
      },
    ]
  },
)

const shows = () => keptName
/** A part of that name. */
const search = '?search=from-else'

/** What is kept from upstreams: for whoever may read the registries that have them. */
const keptPages: readonly Case[] = [
  {
    route: 'GET /*',
    may: 'read_packages',
    prepare: aKeptFile('project'),
    request: (place) => ({ path: `${projectPage(place)}/-/kept` }),
    shows,
  },
  {
    route: 'GET /*',
    first: 'find',
    may: 'read_packages',
    isList: true,
    prepare: aKeptFile('project'),
    request: (place) => ({ path: `${projectPage(place)}${search}` }),
    shows,
  },
  {
    route: 'GET /*',
    first: 'group',
    may: 'find',
    on: 'below',
    prepare: aKeptFile('group'),
    request: (place) => ({ path: `${groupPage(place)}/-/kept` }),
    shows,
  },
  {
    route: 'GET /',
    may: 'read_packages',
    isList: true,
    prepare: aKeptFile('project'),
    request: () => ({ path: `/${search}` }),
    shows,
  },
  {
    route: 'GET /-/kept',
    may: 'nothing',
    prepare: aKeptFile('instance'),
    request: () => ({ path: '/-/kept' }),
    shows,
  },
]

export const webCases: readonly Case[] = [
  ...doors,
  ...own,
  ...people,
  ...owners,
  ...tokenPages,
  ...upstreamPages,
  ...keptPages,
]
