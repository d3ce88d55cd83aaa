import { z } from 'zod'
import { demand } from '../core/access/authorize.ts'
import { addUser } from '../core/access/new-user.ts'
import { invitationLink } from '../core/access/one-time-links.ts'
import { checkPassword, hashPassword } from '../core/access/password.ts'
import { mayCreateTopLevel } from '../core/owners/create.ts'
import { found } from '../core/owners/manage.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { userList } from '../core/records/user-lists.ts'
import { findUser } from '../core/records/users.ts'
import type { UserRow } from '../database/schema.ts'
import { flag, label, numberId, searchText, time, timeOf } from './parameters.ts'
import { signedIn } from './reach.ts'
import { listRoute, route, type Call } from './route.ts'

const tag = 'Users'

const basic = {
  id: z.int(),
  username: z.string(),
  name: z.string(),
  state: z.enum(['active', 'blocked']),
  avatar_url: z.null(),
  web_url: z.string(),
}
/** A user as lists of people show them. */
export const basicUserShape = basic
/** A user, to those who may see one. */
export const userSchema = z
  .strictObject({
    ...basic,
    created_at: time,
    is_admin: z.boolean().optional().describe('shown to administrators'),
  })
  .meta({ id: 'User' })
const newUser = z
  .strictObject({ ...userSchema.shape, password_link: z.string().optional() })
  .meta({ id: 'NewUser' })
const ownUser = z
  .strictObject({ ...userSchema.shape, can_create_group: z.boolean() })
  .meta({ id: 'CurrentUser' })

/** What everybody may know of a user. */
export function basicUserJson(publicUrl: string, row: UserRow) {
  const { id, username, name, state } = row
  return { id, username, name, state, avatar_url: null, web_url: `${publicUrl}/users/${username}` }
}

export function userJson({ core, principal }: Call, row: UserRow) {
  const isAdmin = principal.kind === 'user' && principal.admin
  return {
    ...basicUserJson(core.config.publicUrl, row),
    created_at: timeOf(row.created_at),
    ...(isAdmin ? { is_admin: row.admin === 1 } : {}),
  }
}

const existing = async ({ core }: Call, id: number): Promise<UserRow> =>
  found(await findUser(core.database.read, id), 'User')

const current = route({
  method: 'GET',
  path: '/user',
  summary: 'The caller',
  tag,
  needs: 'read',
  response: ownUser,
  async run(call) {
    const row = await existing(call, signedIn(call).userId)
    return { ...userJson(call, row), can_create_group: await mayCreateTopLevel(call) }
  },
})

const list = listRoute({
  method: 'GET',
  path: '/users',
  summary: 'Users, by number',
  tag,
  needs: 'read',
  query: {
    username: searchText.optional().describe('exactly this one'),
    search: searchText.optional().describe('part of the user name or name'),
  },
  item: userSchema,
  async run(call, window) {
    signedIn(call)
    const db = call.core.database.read
    return mapPage(await readPage(db, userList(db, call.query), window), (row) => userJson(call, row))
  },
})

const one = route({
  method: 'GET',
  path: '/users/:id',
  summary: 'A user',
  tag,
  needs: 'read',
  params: { id: numberId },
  response: userSchema,
  async run(call) {
    signedIn(call)
    return userJson(call, await existing(call, call.params.id))
  },
})

const create = route({
  method: 'POST',
  path: '/users',
  summary: 'Add a user (administrators)',
  tag,
  needs: 'write',
  body: {
    username: z.string().min(1).max(255),
    name: label.optional(),
    password: z.string().max(1024).optional(),
    reset_password: flag
      .default(false)
      .describe('answer with a link at which the user chooses a password, as without one'),
    admin: flag.default(false),
  },
  response: newUser,
  async run(call) {
    const { core, generation, principal, origin, body } = call
    await demand(core, generation, principal, 'admin_instance', { kind: 'instance' })
    if (body.password !== undefined) checkPassword(body.password)
    const passwordHash = body.password === undefined ? null : await hashPassword(body.password)
    const now = core.clock()
    return core.database.write(async (db) => {
      const { username, name, admin } = body
      const row = await addUser(db, { username, name, admin, passwordHash }, origin, now)
      if (passwordHash !== null && !body.reset_password) return userJson(call, row)
      const link = await invitationLink(db, core.config.publicUrl, row.id, now)
      return { ...userJson(call, row), password_link: link }
    })
  },
})

export const userRoutes = [current, list, one, create]
