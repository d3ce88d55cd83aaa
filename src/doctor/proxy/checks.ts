/** What clients need of whatever stands between them and the server. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fillerHeader, probeText, probeWishHeader, slowMs } from '../../http/probe.ts'
import { ok, problem, warning, type Finding } from '../finding.ts'
import { advice } from './advice.ts'
import { NotArrived, type Asker } from './ask.ts'

/** The public URL and the way through it. */
export interface Through {
  readonly asker: Asker
  readonly publicUrl: URL
  /** Bytes of the largest body that is tried; 100 MB but in tests. */
  readonly largeBytes: number
}

export interface ProxyCheck {
  readonly about: string
  look(through: Through): Promise<Finding>
}

const base = '/api/v4/projects/1/packages/probe'
const chunk = Buffer.alloc(64 * 1024, 'entrepot')

async function* pieces(bytes: number): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; left -= chunk.length)
    yield left < chunk.length ? chunk.subarray(0, left) : chunk
}

function digestOf(bytes: number): string {
  const hash = createHash('sha256')
  for (let left = bytes; left > 0; left -= chunk.length)
    hash.update(chunk.subarray(0, Math.min(left, chunk.length)))
  return hash.digest('hex')
}

/** The server accepts the public URL's own path in front, or cut off. */
function sameTarget(arrived: string, path: string, { publicUrl }: Through): boolean {
  return arrived === path || arrived === publicUrl.pathname.replace(/\/+$/, '') + path
}

/** A check that a refusal by the proxy fails, in the words of that refusal. */
function check(
  about: string,
  ways: readonly string[],
  look: (through: Through) => Promise<Finding>,
): ProxyCheck {
  return {
    about,
    async look(through) {
      try {
        return await look(through)
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error)
        return problem(about, error instanceof NotArrived ? words : `broken off: ${words}`, ...ways)
      }
    },
  }
}

export const reachCheck = check('public URL', advice.reach, async ({ asker }) => {
  await asker.arrived()
  return ok('public URL', 'requests arrive at this server')
})

function pathCheck(about: string, path: string, ways: readonly string[]): ProxyCheck {
  return check(about, ways, async (through) => {
    const { target } = await through.asker.arrived({ path })
    if (sameTarget(target, path, through)) return ok(about, 'kept')
    return problem(about, `${path} arrived as ${target}`, ...ways)
  })
}

function bodyCheck(
  about: string,
  ways: readonly string[],
  wish: (through: Through) => { bytes: number; chunked?: boolean; expect?: boolean },
) {
  return check(about, ways, async (through) => {
    const { bytes, chunked = false, expect = false } = wish(through)
    const headers: Record<string, string> = chunked ? {} : { 'content-length': String(bytes) }
    const { body } = await through.asker.arrived({
      path: base,
      method: 'PUT',
      headers,
      body: pieces(bytes),
      expect,
    })
    if (body.bytes === bytes && body.sha256 === digestOf(bytes)) return ok(about, 'arrive whole')
    return problem(about, `${body.bytes} of ${bytes} bytes arrived`, ...ways)
  })
}

const hostCheck = check('Host', advice.host, async ({ asker, publicUrl }) => {
  const { host } = await asker.arrived()
  if (host === publicUrl.host) return ok('Host', 'kept')
  return warning('Host', `arrived as ${host} instead of ${publicUrl.host}`, ...advice.host)
})

const protocolCheck = check('protocol', advice.protocol, async ({ asker, publicUrl }) => {
  const { protocol, direct } = await asker.arrived()
  if (direct) return ok('protocol', 'nothing stands in between')
  const wanted = publicUrl.protocol.slice(0, -1)
  if (protocol === wanted) return ok('protocol', 'told')
  const words = protocol === undefined ? 'X-Forwarded-Proto is not sent' : `X-Forwarded-Proto is ${protocol}`
  return warning('protocol', `${words}, and the public URL is ${wanted}`, ...advice.protocol)
})

const callerCheck = check('caller', advice.caller, async ({ asker }) => {
  const { tellsCaller, direct } = await asker.arrived()
  if (direct) return ok('caller', 'nothing stands in between')
  if (tellsCaller) return ok('caller', 'its address is told')
  return warning('caller', 'X-Forwarded-For is not sent: all callers count as one', ...advice.caller)
})

const authorizationCheck = check('Authorization', advice.authorization, async ({ asker }) => {
  const headers = { authorization: 'Bearer probe' }
  const { hasAuthorization } = await asker.arrived({ path: base, headers })
  if (hasAuthorization) return ok('Authorization', 'passes')
  return problem(
    'Authorization',
    'the header does not arrive: tokens cannot be used',
    ...advice.authorization,
  )
})

const methodsCheck = check('methods', advice.methods, async ({ asker }) => {
  for (const method of ['PUT', 'PATCH', 'POST', 'DELETE']) {
    const { method: arrived } = await asker.arrived({
      path: base,
      method,
      headers: { 'content-length': '0' },
    })
    if (arrived !== method) return problem('methods', `${method} arrived as ${arrived}`, ...advice.methods)
  }
  return ok('methods', 'PUT, PATCH, POST and DELETE pass')
})

/** Basic credentials and ID tokens are long; every proxy takes as much unless told otherwise. */
const longHeader = 7000

const headersCheck = check('long headers', advice.headers, async ({ asker }) => {
  const headers = { [fillerHeader]: 'x'.repeat(longHeader) }
  const { filler } = await asker.arrived({ path: base, headers })
  if (filler === longHeader) return ok('long headers', 'pass')
  return problem('long headers', `${filler} of ${longHeader} bytes arrived`, ...advice.headers)
})

const requestBufferingCheck = check('uploads', advice.requestBuffering, async ({ asker }) => {
  async function* inTwo() {
    yield chunk
    await sleep(slowMs)
    yield chunk
  }
  const headers = { 'content-length': String(2 * chunk.length) }
  const { body } = await asker.arrived({ path: base, method: 'PUT', headers, body: inTwo() })
  if (body.tookMs >= slowMs / 2) return ok('uploads', 'pass as they come')
  return warning(
    'uploads',
    'are kept by the proxy until they are whole: slow, and twice on disk',
    ...advice.requestBuffering,
  )
})

const responseBufferingCheck = check('downloads', advice.responseBuffering, async ({ asker }) => {
  const { status, body, spreadMs } = await asker.ask({ path: base, headers: { [probeWishHeader]: 'slow' } })
  if (status !== 200 || body.length !== 200_000) {
    return problem('downloads', `${body.length} of 200000 bytes came back`, ...advice.responseBuffering)
  }
  if (spreadMs >= slowMs / 2) return ok('downloads', 'pass as they come')
  return warning('downloads', 'are kept by the proxy until they are whole', ...advice.responseBuffering)
})

const compressionCheck = check('compression', advice.compression, async ({ asker }) => {
  const headers = { [probeWishHeader]: 'text', 'accept-encoding': 'gzip' }
  const reply = await asker.ask({ path: base, headers })
  const encoding = reply.headers['content-encoding']
  if (encoding !== undefined) {
    const words = `the proxy compresses answers (${encoding}), which takes away their ETag and length`
    return problem('compression', words, ...advice.compression)
  }
  if (reply.headers.etag !== '"probe"') {
    const words = `the ETag "probe" came back as ${reply.headers.etag ?? 'nothing'}`
    return problem('compression', words, ...advice.compression)
  }
  if (reply.body.toString() !== probeText)
    return problem('compression', 'the answer was altered', ...advice.compression)
  return ok('compression', 'left to the server')
})

const containersCheck = check('/v2/', advice.containers, async ({ asker }) => {
  const { target } = await asker.arrived({ path: '/v2/', atRoot: true })
  if (target === '/v2/') return ok('/v2/', 'arrives from the root of the host')
  return problem('/v2/', `arrived as ${target}`, ...advice.containers)
})

/** In the order in which they are told. */
export const proxyChecks: readonly ProxyCheck[] = [
  pathCheck('%2f in paths', `${base}/@scope%2fname`, advice.encodedSlash),
  pathCheck('double slashes', `${base}/a//b`, advice.slashes),
  hostCheck,
  protocolCheck,
  callerCheck,
  authorizationCheck,
  methodsCheck,
  headersCheck,
  bodyCheck('large bodies', advice.largeBody, ({ largeBytes }) => ({ bytes: largeBytes })),
  bodyCheck('chunked bodies', advice.chunked, () => ({ bytes: 300_000, chunked: true })),
  bodyCheck('Expect: 100-continue', advice.expect, () => ({ bytes: 200_000, expect: true })),
  requestBufferingCheck,
  responseBufferingCheck,
  compressionCheck,
  containersCheck,
]
