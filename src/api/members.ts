import { z } from 'zod'
import { changeRole, giveRole, memberOf, takeRole, type Owned } from '../core/owners/members.ts'
import { findMember } from '../core/records/members.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { memberUsers } from '../core/records/user-lists.ts'
import { findUser, findUserByName } from '../core/records/users.ts'
import type { MemberRow, UserRow } from '../database/schema.ts'
import { notFound } from '../lib/problem.ts'
import {
  accessLevel,
  day,
  dayOrNull,
  expiryDay,
  numberId,
  pathId,
  searchText,
  time,
  timeOf,
} from './parameters.ts'
import { seeGroup, seeProject, signedIn } from './reach.ts'
import { listRoute, route, type Call, type Route } from './route.ts'
import { basicUserJson, basicUserShape } from './users.ts'
import { badParameter } from './validation.ts'

const tag = 'Members'

const member = z
  .strictObject({ ...basicUserShape, access_level: z.int(), created_at: time, expires_at: day.nullable() })
  .meta({ id: 'Member' })

type Role = { readonly role: number; readonly joined_at: number; readonly expires_at: number | null }

function memberJson({ core }: Call, user: UserRow, { role, joined_at: joined, expires_at: expires }: Role) {
  return {
    ...basicUserJson(core.config.publicUrl, user),
    access_level: role,
    created_at: timeOf(joined),
    expires_at: dayOrNull(expires),
  }
}

async function memberOfRow(call: Call, row: MemberRow | undefined) {
  const user = row && (await findUser(call.core.database.read, row.user_id))
  if (!user) throw notFound('404 Member Not Found')
  return memberJson(call, user, { ...row, joined_at: row.created_at })
}

type What = 'group' | 'project'

const path = (what: What) => `/${what}s/:id/members`
const memberParams = { id: pathId, user_id: numberId }

async function reach(what: What, call: Call<{ readonly id: string }>): Promise<Owned> {
  const id = call.params.id
  const owned: Owned =
    what === 'group'
      ? { kind: 'group', group: await seeGroup(call, id) }
      : { kind: 'project', project: await seeProject(call, id) }
  signedIn(call)
  return owned
}

const readingRoutes = (what: What): Route[] => [
  listRoute({
    method: 'GET',
    path: path(what),
    summary: `Direct members of a ${what}`,
    tag,
    needs: 'read',
    params: { id: pathId },
    query: { query: searchText.optional().describe('part of the user name or name') },
    item: member,
    async run(call, window) {
      const of = memberOf(await reach(what, call))
      const db = call.core.database.read
      const page = await readPage(db, memberUsers(db, of, call.query.query), window)
      return mapPage(page, (row) => memberJson(call, row, row))
    },
  }),
  route({
    method: 'GET',
    path: `${path(what)}/:user_id`,
    summary: `A direct member of a ${what}`,
    tag,
    needs: 'read',
    params: memberParams,
    response: member,
    async run(call) {
      const of = memberOf(await reach(what, call))
      return memberOfRow(call, await findMember(call.core.database.read, call.params.user_id, of))
    },
  }),
]

const role = { access_level: accessLevel, expires_at: expiryDay.nullish() }

const writingRoutes = (what: What): Route[] => [
  route({
    method: 'POST',
    path: path(what),
    summary: `Give a user a role on a ${what}`,
    tag,
    needs: 'write',
    params: { id: pathId },
    body: {
      user_id: numberId.optional(),
      username: z.string().max(255).optional().describe('instead of user_id'),
      ...role,
    },
    response: member,
    async run(call) {
      const owned = await reach(what, call)
      return memberOfRow(call, await giveRole(call, owned, await wantedUser(call), roleWish(call)))
    },
  }),
  route({
    method: 'PUT',
    path: `${path(what)}/:user_id`,
    summary: `Change a role on a ${what}`,
    tag,
    needs: 'write',
    params: memberParams,
    body: role,
    response: member,
    async run(call) {
      const owned = await reach(what, call)
      return memberOfRow(call, await changeRole(call, owned, call.params.user_id, roleWish(call)))
    },
  }),
  route({
    method: 'DELETE',
    path: `${path(what)}/:user_id`,
    summary: `Take a role on a ${what} away; everybody may leave`,
    tag,
    needs: 'write',
    params: memberParams,
    run: async (call) => takeRole(call, await reach(what, call), call.params.user_id),
  }),
]

type WithRole = { readonly access_level: number; readonly expires_at?: number | null | undefined }

const roleWish = ({ body }: Call<object, object, WithRole>) => ({
  role: body.access_level,
  expiresAt: body.expires_at,
})

type WithUser = { readonly user_id?: number | undefined; readonly username?: string | undefined }

async function wantedUser({ core, body }: Call<object, object, WithUser>): Promise<number> {
  if (body.user_id !== undefined) return body.user_id
  if (body.username === undefined) {
    throw badParameter('user_id, username are missing, exactly one parameter must be provided')
  }
  const user = await findUserByName(core.database.read, body.username)
  if (!user) throw notFound('404 User Not Found')
  return user.id
}

export const memberRoutes = (['group', 'project'] as const).flatMap((what) => [
  ...readingRoutes(what),
  ...writingRoutes(what),
])
