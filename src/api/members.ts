import { z } from 'zod'
import { found } from '../core/owners/manage.ts'
import { changeRole, giveRole, memberOf, takeRole, type Owned } from '../core/owners/members.ts'
import { findMember } from '../core/records/members.ts'
import { memberUsers } from '../core/records/user-lists.ts'
import { findUser, findUserByName } from '../core/records/users.ts'
import type { MemberRow, UserRow } from '../database/schema.ts'
import { noun } from './noun.ts'
import { accessLevel, day, dayOrNull, expiryDay, numberId, searchText, time, timeOf } from './parameters.ts'
import { seeGroup, seeProject, signedIn } from './reach.ts'
import type { What } from './reach-owned.ts'
import type { Call, Route } from './route.ts'
import { basicUserJson, basicUserShape } from './users.ts'
import { badParameter } from './validation.ts'

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
  const { created_at: joined, ...rest } = found(row, 'Member')
  const user = found(await findUser(call.core.database.read, rest.user_id), 'Member')
  return memberJson(call, user, { ...rest, joined_at: joined })
}

async function reach(what: What, call: Call<{ readonly id: string }>): Promise<Owned> {
  const id = call.params.id
  const owned: Owned =
    what === 'group'
      ? { kind: 'group', group: await seeGroup(call, id) }
      : { kind: 'project', project: await seeProject(call, id) }
  signedIn(call)
  return owned
}

const role = { access_level: accessLevel, expires_at: expiryDay.nullish() }

function routesOf(what: What): Route[] {
  const { list, one, create, change, remove } = noun({
    tag: 'Members',
    path: `/${what}s/:id/members`,
    number: 'user_id',
    item: member,
    reach: (call) => reach(what, call),
  })
  return [
    list({
      summary: `Direct members of a ${what}`,
      query: { query: searchText.optional().describe('part of the user name or name') },
      rows: ({ core, query }, owned) => memberUsers(core.database.read, memberOf(owned), query.query),
      json: (row, call) => memberJson(call, row, row),
    }),
    one({
      summary: `A direct member of a ${what}`,
      run: async (call, owned, userId) =>
        memberOfRow(call, await findMember(call.core.database.read, userId, memberOf(owned))),
    }),
    create({
      summary: `Give a user a role on a ${what}`,
      body: {
        user_id: numberId.optional(),
        username: z.string().max(255).optional().describe('instead of user_id'),
        ...role,
      },
      run: async (call, owned) =>
        memberOfRow(call, await giveRole(call, owned, await wantedUser(call), roleWish(call))),
    }),
    change({
      method: 'PUT',
      summary: `Change a role on a ${what}`,
      body: role,
      run: async (call, owned, userId) =>
        memberOfRow(call, await changeRole(call, owned, userId, roleWish(call))),
    }),
    remove({ summary: `Take a role on a ${what} away; everybody may leave`, run: takeRole }),
  ]
}

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
  return found(await findUserByName(core.database.read, body.username), 'User').id
}

export const memberRoutes = [...routesOf('group'), ...routesOf('project')]
