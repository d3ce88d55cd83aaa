/** REST and the web, on Fastify behind our own listener. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import { registerApi } from '../api/register.ts'
import { registerTrustedPublishing } from '../api/trusted-publishing.ts'
import type { Core } from '../core/core.ts'
import { registerWeb } from '../web/register.ts'
import { safetyHeaders } from './answer.ts'
import { seenOf } from './observe.ts'
import { requestId } from './request-id.ts'

/** Makes what answers every request that is none for packages. */
export async function createPages(core: Core): Promise<(req: IncomingMessage, res: ServerResponse) => void> {
  let handler: ((req: IncomingMessage, res: ServerResponse) => void) | undefined
  const app: FastifyInstance = Fastify({
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 1024 },
    genReqId: (req) => requestId(req),
    serverFactory: (answer) => {
      handler = answer
      return createServer(answer)
    },
  })
  // Of every answer, those of no route included; what answers on a route says more.
  app.addHook('onRequest', async (request, reply) => {
    seenOf(request.raw).route = request.routeOptions.url ?? ''
    void reply.headers({
      ...safetyHeaders,
      'cache-control': 'private, no-store',
      'x-request-id': requestId(request.raw),
    })
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: '404 Not Found' }))
  await registerApi(app, core)
  await registerTrustedPublishing(app, core)
  await registerWeb(app, core)
  await app.ready()
  return (req, res) => handler!(req, res)
}
