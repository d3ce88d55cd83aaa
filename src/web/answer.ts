/** From a request to a page and back: the only place that decides who is let in and sends pages. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendable } from '../http/format-reply.ts'
import { problemReply } from '../http/problem-reply.ts'
import { requestId } from '../http/request-id.ts'
import { send } from '../http/send.ts'
import { notFound, Problem } from '../lib/problem.ts'
import { layout } from './components/layout.ts'
import { refuseForgery } from './forgery.ts'
import { problemPage } from './pages/problem.ts'
import { signInPath } from './return-to.ts'
import type { Download, Page, WebReply, WebRoute } from './route.ts'
import { flowCookieName, setFlowCookie, setSessionCookie } from './session-cookie.ts'
import type { Site } from './site.ts'
import { askedPath, beginVisit, type Visit } from './visit.ts'

/** Of every page. The session's content is nobody else's. */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'private, no-store',
} as const

/** Answers one request on a route. */
export async function answer(
  site: Site,
  route: WebRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.headers({ ...pageHeaders, 'x-request-id': requestId(request.raw) })
  let visit: Visit | undefined
  try {
    visit = await beginVisit(site, request)
    return await sendReply(visit, reply, await run(route, visit))
  } catch (error) {
    return sendProblem(site, visit, request, reply, error)
  }
}

async function run(route: WebRoute, visit: Visit): Promise<WebReply> {
  const isAnonymous = visit.principal.kind === 'anonymous'
  if (isAnonymous && !letsIn(route, visit)) return signInFirst(route, visit)
  if (route.method === 'POST') refuseForgery(visit)
  try {
    return await route.run(visit)
  } catch (error) {
    // What is missing and what is private must look the same to those who are not signed in.
    const isRefused = error instanceof Problem && [401, 403, 404].includes(error.status)
    if (isRefused && isAnonymous && route.for !== 'anyone') return signInFirst(route, visit)
    throw error
  }
}

function letsIn(route: WebRoute, { core }: Visit): boolean {
  return route.for === 'anyone' || (route.for === 'readers' && core.config.access.anonymous)
}

/** How a page's address can be spelled; those of programs are no pages, whatever case they are in. */
const pageAddress = /^\/(?!(?:api|v2)(?:\/|$))(?:[\w.-]+(?:\/[\w.-]+)*)?$/i

/** Sends to the sign-in page and back; what no page is called is not there, signed in or not. */
function signInFirst(route: WebRoute, visit: Visit): WebReply {
  if (!pageAddress.test(visit.target.path)) throw notFound()
  return { redirect: signInPath(route.method === 'GET' ? askedPath(visit) : '/') }
}

async function sendReply(visit: Visit, reply: FastifyReply, result: WebReply): Promise<FastifyReply> {
  if ('file' in result) return sendFile(visit, reply, result)
  if ('address' in result) {
    setFlowCookie(visit.site, reply, result.cookie)
    return reply.redirect(result.address, 303)
  }
  if ('redirect' in result) {
    if (result.session !== undefined) setSessionCookie(visit.site, reply, result.session)
    if (visit.request.cookies[flowCookieName] !== undefined) setFlowCookie(visit.site, reply, null)
    return reply.redirect(visit.to(result.redirect), 303)
  }
  return sendPage(visit, reply, result)
}

async function sendPage(visit: Visit, reply: FastifyReply, page: Page): Promise<FastifyReply> {
  const text = String(await layout(visit, page))
  return reply
    .code(page.status ?? 200)
    .headers(page.headers ?? {})
    .type('text/html; charset=utf-8')
    .send(text)
}

async function sendFile(
  { core, request }: Visit,
  reply: FastifyReply,
  { file }: Download,
): Promise<FastifyReply> {
  const { status, headers, content } = await sendable(core, undefined, { file })
  reply.hijack()
  const caching = { 'cache-control': 'private, no-cache', 'referrer-policy': 'same-origin', vary: 'Cookie' }
  const options = { stallMs: core.config.limits.stallTimeout }
  await send(request.raw, reply.raw, status, { ...caching, ...headers }, content, options)
  return reply
}

async function sendProblem(
  site: Site,
  visit: Visit | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): Promise<FastifyReply> {
  if (visit) {
    const { origin, core } = visit
    core.refusals.note(error, () => origin, `${request.method} ${request.url.split('?', 1)[0]}`)
  }
  const found = problemReply(error, site.core.log, requestId(request.raw))
  if (reply.raw.headersSent || reply.sent) {
    reply.raw.destroy()
    return reply
  }
  if (!visit) return reply.code(found.status).type('text/plain; charset=utf-8').send(`${found.message}\n`)
  return sendPage(visit, reply, problemPage(visit, found))
}
