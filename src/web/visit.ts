/** One request for a page: who asks, for what. */
import type { FastifyRequest } from 'fastify'
import { anonymous, type Principal } from '../core/access/principal.ts'
import { formToken, personOfSession } from '../core/access/sessions.ts'
import type { Core } from '../core/core.ts'
import type { Origin } from '../core/records/events.ts'
import { originOf } from '../http/identify-caller.ts'
import { sawCaller } from '../http/observe.ts'
import { parseTarget, type Target } from '../http/paths.ts'
import { cookieName } from './session-cookie.ts'
import type { Site } from './site.ts'

export interface Visit {
  readonly site: Site
  readonly core: Core
  /** The freshness this request was given. */
  readonly generation: number
  readonly principal: Principal
  /** The secret of the session, where somebody is signed in. */
  readonly session: string | undefined
  readonly request: FastifyRequest
  readonly target: Target
  /** Fields of the form that was sent; empty for GET. */
  readonly form: URLSearchParams
  readonly origin: Origin
  /** The address of a page of ours for links and forms: adds the public URL's own path. */
  to(path: string): string
}

/** Takes a request in. Throws 503 if the database does not answer. */
export async function beginVisit(site: Site, request: FastifyRequest): Promise<Visit> {
  const { core } = site
  const generation = await core.freshness.current()
  const secret = request.cookies[cookieName]
  const person = secret === undefined ? undefined : await personOfSession(core, generation, secret)
  const principal = person ?? anonymous
  sawCaller(request.raw, principal)
  return {
    site,
    core,
    generation,
    principal,
    session: person && secret,
    request,
    target: parseTarget(request.raw.url!),
    form: request.body instanceof URLSearchParams ? request.body : new URLSearchParams(),
    origin: originOf(core, request.raw, principal),
    to: (path) => site.basePath + path,
  }
}

/** What every form of somebody signed in must carry in its field `form_token`. */
export const formTokenOf = (visit: Visit) => (visit.session === undefined ? '' : formToken(visit.session))

/** A field of the form, without spaces around it; '' where it is missing. */
export const field = (visit: Visit, name: string) => (visit.form.get(name) ?? '').trim()

/** The address that was asked for, without the public URL's own path. */
export function askedPath({ target }: Visit): string {
  return target.query.size > 0 ? `${target.path}?${target.query}` : target.path
}
