import type { Case, Context } from '../case.ts'

/** So that there is somebody to let in again. */
export async function blockNewcomer({ place, core }: Context): Promise<void> {
  const blocked = { state: 'blocked' } as const
  await core.database.write((db) =>
    db.updateTable('users').set(blocked).where('id', '=', place.newcomer.id).execute(),
  )
}

export const userCases: readonly Case[] = [
  { route: 'GET /user', may: 'person', request: () => ({ path: '/user' }) },
  {
    route: 'GET /users',
    may: 'person',
    request: () => ({ path: '/users?per_page=100' }),
    shows: ({ newcomer }) => newcomer.path,
  },
  {
    route: 'GET /users/:id',
    may: 'person',
    request: ({ newcomer }) => ({ path: `/users/${newcomer.id}` }),
    shows: ({ newcomer }) => newcomer.path,
  },
  {
    route: 'POST /users',
    may: 'admin_instance',
    request: () => ({ path: '/users', body: { username: 'somebody-new', reset_password: true } }),
    changes: 'users',
  },
  ...(
    [
      ['PUT', '', 'users', { name: 'Changed' }],
      ['POST', '/block', 'users', {}],
      ['DELETE', '', 'users', undefined],
      ['POST', '/password_link', 'links', {}],
    ] as const
  ).map(([method, verb, changes, body]): Case => ({
    route: `${method} /users/:id${verb}`,
    may: 'admin_instance',
    request: ({ newcomer }) => ({ path: `/users/${newcomer.id}${verb}`, ...(body ? { body } : {}) }),
    changes,
  })),
  {
    route: 'POST /users/:id/unblock',
    may: 'admin_instance',
    prepare: blockNewcomer,
    request: ({ newcomer }) => ({ path: `/users/${newcomer.id}/unblock`, body: {} }),
    changes: 'users',
  },
]
