import type { Case } from '../case.ts'
import { secretRights } from './at-place.ts'

const wish = { name: 'new', scopes: ['read_api'] }
const path = '/personal_access_tokens'

/** Of the administrator: nobody else's business. */
const othersTokens = { may: 'review_instance', first: 'person', isSecret: true } as const

const ownTokens: readonly Case[] = [
  { route: `GET ${path}`, may: 'person', request: () => ({ path }) },
  {
    route: `GET ${path}`,
    may: 'review_instance',
    first: 'person',
    request: ({ rootId }) => ({ path: `${path}?user_id=${rootId}` }),
    shows: () => 'token of the administrator',
  },
  { route: `GET ${path}/self`, may: 'person', scope: 'none', request: () => ({ path: `${path}/self` }) },
  {
    route: `GET ${path}/:id`,
    ...othersTokens,
    request: ({ rootTokenId }) => ({ path: `${path}/${rootTokenId}` }),
    shows: () => 'token of the administrator',
  },
  {
    route: 'POST /user/personal_access_tokens',
    may: 'person',
    request: () => ({ path: '/user/personal_access_tokens', body: wish }),
    changes: 'tokens',
  },
  {
    route: 'POST /users/:user_id/personal_access_tokens',
    may: 'admin_instance',
    request: ({ newcomer }) => ({ path: `/users/${newcomer.id}${path}`, body: wish }),
    changes: 'tokens',
  },
  {
    route: `POST ${path}/self/rotate`,
    may: 'person',
    request: () => ({ path: `${path}/self/rotate`, body: {} }),
    changes: 'tokens',
  },
  {
    route: `POST ${path}/:id/rotate`,
    ...othersTokens,
    may: 'admin_instance',
    request: ({ rootTokenId }) => ({ path: `${path}/${rootTokenId}/rotate`, body: {} }),
    changes: 'tokens',
  },
  {
    route: `DELETE ${path}/self`,
    may: 'person',
    scope: 'none',
    request: () => ({ path: `${path}/self` }),
    changes: 'tokens',
  },
  {
    route: `DELETE ${path}/:id`,
    may: 'admin_instance',
    isSecret: true,
    request: ({ rootTokenId }) => ({ path: `${path}/${rootTokenId}` }),
    changes: 'tokens',
  },
  {
    route: 'GET /deploy_tokens',
    may: 'review_instance',
    first: 'person',
    request: () => ({ path: '/deploy_tokens' }),
  },
  {
    route: 'POST /tokens/revoke',
    may: 'nothing',
    scope: 'none',
    request: ({ leakedToken }) => ({ path: '/tokens/revoke', body: { token: leakedToken } }),
    changes: 'tokens',
  },
]

function ownedBy(what: 'project' | 'group', kind: 'access' | 'deploy'): readonly Case[] {
  const route = `/${what}s/:id/${kind}_tokens`
  const { reviewing, managing } = secretRights[what]
  const at: Case['request'] = (place) => ({ path: `/${what}s/${place[what].id}/${kind}_tokens` })
  const one: Case['request'] = (place, who) => ({
    path: `${at(place, who).path}/${place.tokens[what][kind]}`,
  })
  const made =
    kind === 'access'
      ? { name: 'new', scopes: ['read_api'], access_level: 10 }
      : { name: 'new', scopes: ['read_package_registry'] }
  return [
    { route: `GET ${route}`, ...reviewing, request: at, shows: () => `${kind} of the place` },
    { route: `GET ${route}/:token_id`, ...reviewing, request: one, shows: () => `${kind} of the place` },
    {
      route: `POST ${route}`,
      ...managing,
      // Or a leaked token would outlive itself.
      ...(kind === 'access' ? { isForPeople: true } : {}),
      request: (place, who) => ({ ...at(place, who), body: made }),
      changes: 'tokens',
    },
    {
      route: `POST ${route}/:token_id/rotate`,
      ...managing,
      ...(kind === 'access' ? { isForPeople: true } : {}),
      request: (place, who) => ({ path: `${one(place, who).path}/rotate`, body: {} }),
      changes: 'tokens',
    },
    { route: `DELETE ${route}/:token_id`, ...managing, request: one, changes: 'tokens' },
  ]
}

export const tokenCases: readonly Case[] = [
  ...ownTokens,
  ...(['project', 'group'] as const).flatMap((what) => [
    ...ownedBy(what, 'access'),
    ...ownedBy(what, 'deploy'),
  ]),
]
