import { z } from 'zod'
import { endLeakedToken } from '../core/access/leaked-token.ts'
import { route } from './route.ts'

const revoke = route({
  method: 'POST',
  path: '/tokens/revoke',
  summary:
    'Revoke a token of any kind by its text, as scanners for leaked ones do; the answer is always the same',
  tag: 'Leaked tokens',
  needs: 'secret',
  status: 204,
  body: { token: z.string().min(1).max(1024) },
  run: (call) => endLeakedToken(call, call.body.token),
})

export const leakedTokenRoutes = [revoke]
