/** The first step of every request: check the address, then hand it to who answers it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { probeHeader } from '../core/access/probe-token.ts'
import type { Core } from '../core/core.ts'
import { emptyContent, jsonContent } from './content.ts'
import { createHealth } from './health.ts'
import { mayReadMetrics, metricsType } from './metrics.ts'
import { createObserver, seenOf } from './observe.ts'
import { createPackageHandler } from './packages.ts'
import { createTargetReader, type Target } from './paths.ts'
import { problemReply } from './problem-reply.ts'
import { requestId } from './request-id.ts'
import { send } from './send.ts'

type Answer = (req: IncomingMessage, res: ServerResponse, sendContinue: () => void) => Promise<void>

/** What the process around the app knows. */
export interface Surroundings {
  /** Whether the server was told to stop. */
  isStopping(): boolean
  /** The metrics of this process, or of all that serve together. */
  metrics(): Promise<string>
}

/** Makes the handler of all requests. REST and the web are loaded when they are first asked for. */
export function createDispatcher(core: Core, surroundings: Surroundings): Answer {
  const packages = createPackageHandler(core)
  const subPath = new URL(core.config.publicUrl).pathname.replace(/\/+$/, '')
  const readTarget = createTargetReader()
  const observe = createObserver(core)
  const operations = createOperations(core, surroundings)
  let pages: Promise<(req: IncomingMessage, res: ServerResponse) => void> | undefined
  return async (req, res, sendContinue) => {
    observe(req, res)
    if (probeHeader in req.headers && (await probed(core, req, res, sendContinue))) return
    req.url = withoutSubPath(req.url ?? '/', subPath)
    let target: Target
    try {
      target = readTarget(req.url)
    } catch (error) {
      return refuse(core, req, res, error)
    }
    if (target.path.startsWith('/-/') && (await operations(req, res, target.path))) return
    if (await packages(req, res, target, sendContinue)) return
    sendContinue()
    pages ??= import('./pages.ts').then(({ createPages }) => createPages(core))
    const answer = await pages
    answer(req, res)
  }
}

async function probed(core: Core, ...request: Parameters<Answer>): Promise<boolean> {
  const [req, res] = request
  const { answerProbe } = await import('./probe.ts')
  try {
    return await answerProbe(core, ...request)
  } catch (error) {
    await refuse(core, req, res, error)
    return true
  }
}

function refuse(core: Core, req: IncomingMessage, res: ServerResponse, error: unknown): Promise<void> {
  const { status, headers, json } = problemReply(error, core.log, requestId(req))
  return send(req, res, status, { ...headers, 'cache-control': 'no-store' }, jsonContent(json))
}

/** A proxy may keep the public URL's path or cut it off: both reach us. */
function withoutSubPath(url: string, subPath: string): string {
  if (subPath === '' || !url.startsWith(subPath)) return url
  const rest = url.slice(subPath.length)
  return rest === '' ? '/' : rest.startsWith('/') || rest.startsWith('?') ? rest.replace(/^\?/, '/?') : url
}

/** Answers those who watch over the server; resolves to false where the path is none of theirs. */
function createOperations(core: Core, { isStopping, metrics }: Surroundings) {
  const health = createHealth(core, isStopping)
  const headers = { 'cache-control': 'no-store' }
  return async (req: IncomingMessage, res: ServerResponse, path: string): Promise<boolean> => {
    const isMetrics = path === '/-/metrics'
    const check = health.get(path)
    if (!check && !isMetrics) return false
    seenOf(req).route = path
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      await send(req, res, 405, { ...headers, allow: 'GET, HEAD' }, emptyContent)
    } else if (check) {
      const { status, content } = await check()
      await send(req, res, status, headers, content)
    } else if (mayReadMetrics(core, req)) {
      const body = Buffer.from(await metrics())
      await send(req, res, 200, headers, { kind: 'bytes', contentType: metricsType, body })
    } else {
      await send(req, res, 404, headers, jsonContent({ error: '404 Not Found' }))
    }
    return true
  }
}
