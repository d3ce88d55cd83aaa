import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Core } from '../core/core.ts'
import { emptyContent } from '../http/content.ts'
import { send } from '../http/send.ts'
import { answer } from './answer.ts'
import { routes } from './routes.ts'
import { createSite, type Site } from './site.ts'

const largestForm = 64 * 1024

/** Adds the web pages. */
export async function registerWeb(app: FastifyInstance, core: Core): Promise<void> {
  const site = await createSite(core)
  await app.register(async (web) => {
    const parser = (text: string) => new URLSearchParams(text) as never
    await web.register(formbody, { parser, bodyLimit: largestForm })
    await web.register(cookie)
    web.get('/assets/:file', (request, reply) => sendAsset(site, request, reply))
    for (const route of routes) {
      web.route({
        method: route.method,
        url: route.path,
        bodyLimit: largestForm,
        handler: (request, reply) =>
          isForPrograms(request) ? unknownAddress(reply) : answer(site, route, request, reply),
      })
    }
  })
}

/** Addresses of programs that nobody answered: they read JSON, and have no use for a sign-in page. */
const isForPrograms = (request: FastifyRequest) => /^\/(api|v2)(\/|$|\?)/.test(request.raw.url!)

const unknownAddress = (reply: FastifyReply) => reply.code(404).send({ error: '404 Not Found' })

async function sendAsset(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { file } = request.params as { file: string }
  const content = site.assets.find(file)
  reply.hijack()
  if (content) {
    const caching = { 'cache-control': 'public, max-age=31536000, immutable' }
    await send(request.raw, reply.raw, 200, caching, content)
  } else {
    await send(request.raw, reply.raw, 404, { 'cache-control': 'no-store' }, emptyContent)
  }
  return reply
}
