import { z } from 'zod'
import {
  blockUser,
  changeUser,
  makePasswordLink,
  removeUser,
  unblockUser,
} from '../core/access/change-user.ts'
import { flag, label, numberId } from './parameters.ts'
import { route } from './route.ts'
import { userJson, userSchema } from './users.ts'

const tag = 'Users'
const params = { id: numberId }

const update = route({
  method: 'PUT',
  path: '/users/:id',
  summary: 'Change a user (administrators); another password signs them out',
  tag,
  needs: 'write',
  params,
  body: {
    username: z.string().min(1).max(255).optional(),
    name: label.optional(),
    password: z.string().max(1024).optional(),
    admin: flag.optional(),
  },
  response: userSchema,
  run: async (call) => userJson(call, await changeUser(call, call.params.id, call.body)),
})

/** What is done to a user and answered with true, as GitLab does. */
const act = (verb: string, summary: string, change: typeof blockUser) =>
  route({
    method: 'POST',
    path: `/users/:id/${verb}`,
    summary,
    tag,
    needs: 'write',
    params,
    response: z.literal(true),
    async run(call) {
      await change(call, call.params.id)
      return true as const
    },
  })

const block = act(
  'block',
  'Let a user in no more (administrators): sessions, tokens and links end at once, packages stay',
  blockUser,
)
const unblock = act(
  'unblock',
  'Let a blocked user in again (administrators); tokens have to be made anew',
  unblockUser,
)

const remove = route({
  method: 'DELETE',
  path: '/users/:id',
  summary: 'Forget a user (administrators): sessions, tokens and roles end at once, packages stay',
  tag,
  needs: 'write',
  params,
  run: (call) => removeUser(call, call.params.id),
})

const link = route({
  method: 'POST',
  path: '/users/:id/password_link',
  summary: 'A link at which a user chooses a password, once, within a day (administrators)',
  tag,
  needs: 'write',
  params,
  response: z.strictObject({ password_link: z.string() }),
  run: async (call) => ({ password_link: await makePasswordLink(call, call.params.id) }),
})

export const userChangeRoutes = [update, block, unblock, remove, link]
