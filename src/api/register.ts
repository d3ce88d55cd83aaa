/** Adds the REST API under /api/v4: who calls, may the token, are the parameters right, run, answer. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { credentialFrom, credentialHeaders } from '../core/access/carriers.ts'
import { anonymous } from '../core/access/principal.ts'
import { restScopes } from '../core/access/rights.ts'
import type { Core } from '../core/core.ts'
import type { Acting } from '../core/owners/acting.ts'
import { identifyCaller, limitRequest, originOf } from '../http/identify-caller.ts'
import { sawCaller } from '../http/observe.ts'
import { requestId } from '../http/request-id.ts'
import { forbidden, Problem, unauthorized } from '../lib/problem.ts'
import { acceptBodies } from './bodies.ts'
import { errorReply } from './error-reply.ts'
import type { Route } from './route.ts'
import { routesOf } from './routes.ts'
import { checked, parametersCode } from './validation.ts'

/** Adds every route, those for what is set for indexes of the formats among them. */
export async function registerApi(app: FastifyInstance, core: Core): Promise<void> {
  await app.register(
    async (api) => {
      acceptBodies(api)
      api.addHook('onRequest', async (request, reply) => {
        reply.headers({
          vary: `Accept, Accept-Encoding, ${credentialHeaders}`,
        })
      })
      api.setErrorHandler((error, request, reply) => refuse(core, error, request, reply))
      api.all('/*', (request) => refuseUnknown(core, request))
      for (const route of routesOf(core.formats.values())) addRoute(api, core, route)
    },
    { prefix: '/api/v4' },
  )
}

/** Those that the limits on requests for packages hold for, as on package routes themselves. */
const packageRoute = /^(\/(projects|groups)\/:id)?\/packages(\/|$)/

const keepingActing = new WeakMap<FastifyRequest, Acting>()

function addRoute(api: FastifyInstance, core: Core, route: Route): void {
  api.route({
    method: route.method,
    url: route.path,
    ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
    // Before the body is read.
    async onRequest(request, reply) {
      const acting = await authenticate(core, request, route.needs === 'secret')
      keepingActing.set(request, acting)
      if (packageRoute.test(route.path))
        void reply.headers(limitRequest(core, request.raw, acting.principal) ?? {})
      checkToken(acting, route)
    },
    async handler(request, reply) {
      const { body, headers } = await run(route, keepingActing.get(request)!, request)
      void reply.status(route.status).headers(headers ?? {})
      return reply.send(body)
    },
  })
}

async function authenticate(core: Core, request: FastifyRequest, isOpen = false): Promise<Acting> {
  const generation = await core.freshness.current()
  const credential = credentialFrom(request.headers as Record<string, string | undefined>)
  const principal = await identifyCaller(core, request.raw, generation, credential)
  if (principal.kind === 'anonymous' && !core.config.access.anonymous && !isOpen) throw unauthorized()
  sawCaller(request.raw, principal)
  return { core, generation, principal, origin: originOf(core, request.raw, principal) }
}

function checkToken({ principal }: Acting, { needs, forJobs }: Route): void {
  if (needs === 'open' || needs === 'secret') return
  if (principal.kind === 'anonymous') {
    if (needs === 'read') return
    throw unauthorized()
  }
  const isJob = principal.kind === 'machine' && principal.what === 'job_token'
  if (isJob && !forJobs) throw forbidden('403 Forbidden - job tokens reach packages only')
  if (needs === 'token' || !principal.token) return
  const wanted = restScopes[needs]
  if (principal.token.scopes.some((scope) => wanted.includes(scope))) return
  throw new Problem(
    403,
    'insufficient_scope',
    `The request requires higher privileges than provided by the access token: it needs the scope ${wanted.join(' or ')}`,
  )
}

function run(route: Route, acting: Acting, request: FastifyRequest) {
  return route.run({
    ...acting,
    params: checked(route.params, request.params),
    query: checked(route.query, request.query),
    body: route.body ? checked(route.body, request.body) : {},
    headers: request.headers,
    url: request.raw.url ?? '/',
  })
}

/** Strangers do not even learn which addresses there are. */
async function refuseUnknown(core: Core, request: FastifyRequest): Promise<never> {
  await authenticate(core, request)
  throw new Problem(404, parametersCode, '404 Not Found')
}

async function refuse(core: Core, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const origin = () => keepingActing.get(request)?.origin ?? originOf(core, request.raw, anonymous)
  core.refusals.note(error, origin, `${request.method} ${request.url.split('?', 1)[0]}`)
  const { status, headers, body } = errorReply(error, core.log, requestId(request.raw))
  return reply.status(status).headers(headers).send(body)
}
