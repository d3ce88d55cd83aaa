/** Package routes: from a request to a format's handler and back. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { demand } from '../core/access/authorize.ts'
import { credentialFrom, type Credential } from '../core/access/carriers.ts'
import { bearerOf } from '../core/access/credentials.ts'
import { anonymous, type Principal } from '../core/access/principal.ts'
import type { Permission } from '../core/access/rights.ts'
import type { Core } from '../core/core.ts'
import type { Room } from '../core/policy/room.ts'
import { createStaging, type Staging } from '../core/publish/stage.ts'
import { limitsOf } from '../core/records/usage.ts'
import { createLinks } from '../core/registry/links.ts'
import { createReader } from '../core/registry/reader.ts'
import { createWriter } from '../core/registry/writer.ts'
import type { Format, Need, OpenCall, Request, Route } from '../formats/format.ts'
import { methodNotAllowed, notFound, Problem, unauthorized } from '../lib/problem.ts'
import { announcedBytes } from './announced-bytes.ts'
import { shared, uncached, unstored, withCaching } from './caching.ts'
import { exchangeForFormat } from './exchange-for-format.ts'
import { sendable, type Sendable } from './format-reply.ts'
import { identifyCaller, limitRequest, originOf, verifyToken } from './identify-caller.ts'
import { sawCaller, seenOf } from './observe.ts'
import { patternOf, type PackageAddress } from './package-address.ts'
import { createPlaces, type Place } from './package-place.ts'
import { PackageRequest } from './package-request.ts'
import type { Target } from './paths.ts'
import { problemReply } from './problem-reply.ts'
import { reasonPhrase } from './reason-phrase.ts'
import { reachLevel, type ReachedLevel } from './reach-level.ts'
import { RequestContext } from './request-context.ts'
import { requestId } from './request-id.ts'
import { send } from './send.ts'

/** What stands around one request on a package route. */
interface Exchange {
  readonly core: Core
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly target: Target
  readonly sendContinue: () => void
  readonly address: PackageAddress
  readonly format: Format<any>
  readonly place: Place
}

/** Permission that a route's need is a floor for, checked before the body is read. Verbs check the exact one. */
const floors: Readonly<Record<Need, Permission>> = {
  read: 'read_packages',
  publish: 'publish',
  delete: 'delete_own',
}

/** Base64 and form encodings carry at most a third more than the file, and what stands around it. */
const bodyLimit = (maxFileSize: number) =>
  maxFileSize === 0
    ? Number.MAX_SAFE_INTEGER
    : Math.min(Number.MAX_SAFE_INTEGER, maxFileSize * 1.4 + 64 * 1024 * 1024)

export type PackageHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  target: Target,
  sendContinue: () => void,
) => Promise<boolean>

/** Makes the handler of all package routes; it resolves to false where the target is none. */
export function createPackageHandler(core: Core): PackageHandler {
  const placeOf = createPlaces(core)
  // What an address says is worked out once for as long as the target is remembered.
  const places = new WeakMap<Target, Place>()
  return async (req, res, target, sendContinue) => {
    const place = places.get(target) ?? placeOf(target.segments)
    if (!place) return false
    places.set(target, place)
    const { address, format } = place
    seenOf(req).format = format.id
    await answer({ core, req, res, target, sendContinue, address, format, place })
    return true
  }
}

async function answer(exchange: Exchange): Promise<void> {
  const { req, res, core } = exchange
  const options = { stallMs: core.config.limits.stallTimeout }
  const run: Run = {
    principal: anonymous,
    staging: undefined,
    room: undefined,
    caching: uncached,
    upload: undefined,
    limits: undefined,
  }
  let reply: Sendable
  try {
    reply = await handle(exchange, run)
  } catch (error) {
    note(exchange, run, error)
    reply = await problem(exchange, error)
  } finally {
    run.upload?.()
    await run.staging?.end()
  }
  const headersOf = (of: Sendable) => withCaching(run.caching, run.limits, of.headers)
  try {
    await send(req, res, reply.status, headersOf(reply), reply.content, options)
  } catch (error) {
    if (res.headersSent) return
    const failed = await problem(exchange, error)
    await send(req, res, failed.status, headersOf(failed), failed.content, options)
  }
}

/** What a request gathers on its way and what must be undone at its end. */
interface Run {
  /** Nobody, until it is known who calls. */
  principal: Principal
  staging: Staging | undefined
  /** What it may still store. */
  room: Room | undefined
  caching: Readonly<Record<string, string>>
  /** Ends the publication that was counted. */
  upload: (() => void) | undefined
  /** Headers that say how many requests are left. */
  limits: Readonly<Record<string, string>> | undefined
}

async function handle(exchange: Exchange, run: Run): Promise<Sendable> {
  const { core, req, address, format, place } = exchange
  if (!core.config.packages.enabled) throw notFound()
  const match = place.match(req.method ?? 'GET')
  if (!match) throw notFound()
  if (!match.route) throw methodNotAllowed('405 Method Not Allowed', match.allow)
  const { route, params } = match
  seenOf(req).route = patternOf(route, address, format)
  if (req.method !== 'GET' && req.method !== 'HEAD') run.caching = unstored
  const request = requestOf(exchange)
  const generation = await core.freshness.current()
  const credential = credentialOf(format, request)
  if (route.needs === 'nothing') {
    const caller = credential && (await bearerOf(core, generation, credential.token))
    if (!caller && !route.signIn && !core.config.access.anonymous) throw unauthorized()
    const links = createLinks(core.config.publicUrl, prefixOf(address, format.id))
    run.limits = limitRequest(core, req, caller ?? anonymous)
    const open = openCall(exchange, { request, params, links, generation, username: caller?.username })
    return sendable(core, undefined, await route.run(open))
  }
  const principal = await identifyCaller(core, req, generation, credential)
  run.principal = principal
  sawCaller(req, principal)
  run.limits = limitRequest(core, req, principal)
  const reached = await reachLevel(core, generation, principal, format, address)
  await reached.demand(floors.read)
  if (!offered(route, address)) throw await notOffered(exchange, reached)
  if (route.needs !== 'read') await reached.demand(floors[route.needs])
  if (route.needs === 'publish') run.upload = core.limits.upload(principal)
  const announced = route.needs === 'publish' ? announcedBytes(req) : 0
  if (route.needs !== 'read') run.room = await openRoom(core, generation, reached, announced)
  exchange.sendContinue()
  return runRoute(exchange, { run, route, params, request, principal, reached, generation })
}

/** Room for what a route may write; none above a project. Throws where there is not enough for what is announced. */
async function openRoom(core: Core, generation: number, { project }: ReachedLevel, announced: number) {
  if (!project) return undefined
  const limits = await core.kept.get(`limits/${project.id}`, generation, () =>
    limitsOf(core.database.read, project),
  )
  return core.rooms.open(limits, announced)
}

/** What a format's own carrier holds, or else one of those that work everywhere. */
function credentialOf({ access }: Format<any>, request: Request): Credential | undefined {
  const token = access.credential?.(request)
  return token ? { token, carrier: 'format' } : credentialFrom(request.headers)
}

interface Prepared {
  readonly run: Run
  readonly route: Exclude<Route<any>, { readonly needs: 'nothing' }>
  readonly params: Readonly<Record<string, string>>
  readonly request: Request
  readonly principal: Principal
  readonly reached: ReachedLevel
  readonly generation: number
}

async function runRoute(exchange: Exchange, prepared: Prepared): Promise<Sendable> {
  const { core, format } = exchange
  const { run, route, params, request, principal, reached } = prepared
  const context = new RequestContext(exchange, principal, reached, prepared.generation)
  const username = principal.kind === 'anonymous' ? undefined : principal.username
  const links = createLinks(core.config.publicUrl, context.source.prefix)
  const call = openCall(exchange, { request, params, links, generation: prepared.generation, username })
  if (route.needs === 'read') {
    const registry = createReader(context)
    if (principal.kind === 'anonymous') run.caching = shared
    const answered = async () => sendable(core, context, await route.run({ ...call, registry }))
    const asksForMore = principal.kind === 'anonymous' && exchange.address.level !== 'project'
    return asksForMore ? notFoundAsked(prepared, answered) : answered()
  }
  const { project } = reached
  if (!project || !run.room) throw new Error(`the ${format.id} route ${route.path} writes above a project`)
  run.staging = createStaging(core, {
    projectId: project.id,
    maxFileSize: core.config.packages.maxFileSize[format.id] ?? format.maxFileSize,
    digests: format.digests ?? [],
    room: run.room,
  })
  const registry = createWriter(context, project, run.staging)
  const require = (need: Need) =>
    demand(core, context.generation(), principal, floors[need], { kind: 'project', project })
  return sendable(core, context, await route.run({ ...call, registry, require }))
}

/** An anonymous caller who might see more with a credential is asked for one, whether there is more or not. */
async function notFoundAsked({ reached }: Prepared, run: () => Promise<Sendable>): Promise<Sendable> {
  try {
    return await run()
  } catch (error) {
    const isMissing = error instanceof Problem && error.status === 404
    if (!isMissing || !(await reached.hidesSome())) throw error
    throw new Problem(401, 'unauthorized', '401 Unauthorized')
  }
}

function requestOf({ core, req, target, address, format, sendContinue }: Exchange): Request {
  return new PackageRequest(req, target, address, () => ({
    limit: bodyLimit(core.config.packages.maxFileSize[format.id] ?? format.maxFileSize),
    stallMs: core.config.limits.stallTimeout,
    sendContinue,
  }))
}

interface Opening extends Pick<OpenCall, 'request' | 'params' | 'links'> {
  readonly generation: number
  readonly username: string | undefined
}

function openCall(at: Exchange, { generation, username, ...call }: Opening): OpenCall {
  const { core, req, address, format } = at
  const verify = (token: string) => verifyToken(core, req, generation, token)
  const exchange: OpenCall['caller']['exchange'] = (idToken, options) =>
    exchangeForFormat({ core, req, generation, address, format }, idToken, options)
  return { ...call, caller: { username, verify, exchange } }
}

function prefixOf({ level, id }: PackageAddress, formatId: string): string {
  if (level === 'project') return `/api/v4/projects/${id}/packages/${formatId}`
  return level === 'group' ? `/api/v4/groups/${id}/-/packages/${formatId}` : `/api/v4/packages/${formatId}`
}

function offered(route: Prepared['route'], { level }: PackageAddress): boolean {
  if (route.levels) return route.levels.includes(level)
  return route.needs === 'read' || level === 'project'
}

/** 405, naming where this caller may publish. */
async function notOffered({ core, address, format }: Exchange, reached: ReachedLevel): Promise<Problem> {
  const projects = await reached.publishable()
  const addresses = projects.map(
    (path) => `${core.config.publicUrl}/api/v4/projects/${encodeURIComponent(path)}/packages/${format.id}/`,
  )
  const where = addresses.length > 0 ? addresses.join(', ') : 'a project that you may publish to'
  return methodNotAllowed(
    `${format.title} packages are not published at ${address.level} level; use ${where}`,
    ['GET', 'HEAD'],
  )
}

function note({ core, req, target }: Exchange, { principal }: Run, error: unknown): void {
  core.refusals.note(error, () => originOf(core, req, principal), `${req.method} ${target.path}`)
}

async function problem({ core, req, res, format }: Exchange, error: unknown): Promise<Sendable> {
  const { status, code, message, headers } = problemReply(error, core.log, requestId(req))
  if (!res.headersSent) res.statusMessage = reasonPhrase(message)
  const reply = await sendable(core, undefined, format.access.error({ status, code, message }))
  const challenge: Record<string, string> =
    reply.status === 401 ? { 'www-authenticate': format.access.challenge } : {}
  return { ...reply, headers: { ...challenge, ...reply.headers, ...headers } }
}
