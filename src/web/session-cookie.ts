import type { FastifyReply } from 'fastify'
import { sessionMs } from '../core/access/sessions.ts'
import type { Site } from './site.ts'

export const cookieName = 'entrepot_session'

/** Puts the secret of a session into the cookie, or removes it (null). */
export function setSessionCookie(site: Site, reply: FastifyReply, secret: string | null): void {
  const options = {
    path: `${site.basePath}/`,
    httpOnly: true,
    sameSite: 'lax',
    secure: site.secure,
  } as const
  if (secret === null) reply.clearCookie(cookieName, options)
  else reply.setCookie(cookieName, secret, { ...options, maxAge: sessionMs / 1000 })
}
