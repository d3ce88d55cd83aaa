import type { FastifyReply } from 'fastify'
import { sessionMs } from '../core/access/sessions.ts'
import { flowMs } from '../core/access/sso/flow.ts'
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

/** Holds what a sign-in through the OpenID provider must come back with. */
export const flowCookieName = 'entrepot_sso'

/** Puts a sign-in that begins into its cookie, or removes it (null). Only the pages of that sign-in get it to see. */
export function setFlowCookie(site: Site, reply: FastifyReply, value: string | null): void {
  const options = {
    path: `${site.basePath}/sign-in/sso`,
    httpOnly: true,
    sameSite: 'lax',
    secure: site.secure,
  } as const
  if (value === null) reply.clearCookie(flowCookieName, options)
  else reply.setCookie(flowCookieName, value, { ...options, maxAge: flowMs / 1000 })
}
