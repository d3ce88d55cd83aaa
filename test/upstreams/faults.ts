/** What can go wrong with an answer, each as a fault that can be switched on. */
import { gzipSync } from 'node:zlib'
import { send, type ConnectionFault, type Exchange, type Fault, type Prepared } from './faulty-upstream.ts'

type Changed = Omit<Prepared, 'plain'>

/** A whole answer, another than it should be. */
function changed(title: string, change: (prepared: Prepared, exchange: Exchange) => Changed): Fault {
  return {
    title,
    send: (exchange) => send(exchange.response, change(exchange.prepared, exchange), exchange.reached),
  }
}

/** Another body, correctly announced. */
function withBody(
  title: string,
  /** Given it uncompressed. */
  bodyOf: (plain: Buffer) => Buffer,
  headers: Readonly<Record<string, string>> = {},
): Fault {
  return changed(title, (prepared) => {
    const body = bodyOf(prepared.plain)
    const { etag: _, 'content-encoding': __, ...kept } = prepared.headers
    return { status: 200, body, headers: { ...kept, ...headers, 'content-length': String(body.length) } }
  })
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Fault {
  const more = Object.entries(headers).map(([name, value]) => `, ${name} ${value}`)
  const body = Buffer.from(`{"error":"as told: ${code}"}`)
  const fields = { 'content-type': 'application/json', 'content-length': String(body.length), ...headers }
  return changed(`${code}${more.join('')}`, () => ({ status: code, headers: fields, body }))
}

/** Takes the request and says nothing. */
export const silence: Fault = { title: 'no answer at all', send: ({ reached }) => reached() }

/** Sends `bytes` of the body as announced by `headers`, then does something else. */
function begun(
  title: string,
  bytes: (body: Buffer) => Buffer,
  headers: (body: Buffer) => Readonly<Record<string, string>>,
  then: (exchange: Exchange) => void,
): Fault {
  return {
    title,
    send(exchange) {
      const { response, prepared, reached } = exchange
      const { 'content-length': _, ...kept } = prepared.headers
      response.writeHead(200, { ...kept, ...headers(prepared.body) })
      response.write(bytes(prepared.body), () => {
        reached()
        then(exchange)
      })
    },
  }
}

const length = (bytes: number) => ({ 'content-length': String(bytes) })
const half = (body: Buffer) => body.subarray(0, Math.ceil(body.length / 2))
const hangUp = ({ response }: Exchange) => void response.socket?.destroy()

export const stopsInside = begun(
  'stops in the middle',
  half,
  ({ length: all }) => length(all),
  () => {},
)
export const cut = begun('is cut in the middle', half, ({ length: all }) => length(all), hangUp)
export const cutChunked = begun('is cut in the middle, of unknown length', half, () => ({}), hangUp)
export const cutAtStart = begun(
  'is cut after a byte',
  (body) => body.subarray(0, 1),
  ({ length: all }) => length(all),
  hangUp,
)
export const cutAtEnd = begun(
  'is cut before its last byte',
  (body) => body.subarray(0, -1),
  ({ length: all }) => length(all),
  hangUp,
)
export const tooLittleAnnounced = begun(
  'announces less than comes',
  (body) => body,
  ({ length: all }) => length(all - 10),
  hangUp,
)
export const tooMuchAnnounced = begun(
  'announces more than comes',
  (body) => body,
  ({ length: all }) => length(all + 10),
  hangUp,
)

/** One byte a second. */
export const drips: Fault = {
  title: 'a byte a second',
  send({ response, prepared, reached }) {
    response.writeHead(200, prepared.headers)
    let at = 0
    const timer = setInterval(() => {
      response.write(prepared.body.subarray(at, ++at), reached)
      reached = () => {}
      if (at >= prepared.body.length) response.end()
    }, 1000)
    response.on('close', () => clearInterval(timer))
  },
}

export const shortened = withBody('shortened, and complete to look at', (body) => body.subarray(0, -7))
export const empty = withBody('empty', () => Buffer.alloc(0))
export const otherBytes = (bytes: Buffer) => withBody("another file's bytes", () => bytes)

/** One bit is another. */
export function flipped(where: 'first' | 'middle' | 'last'): Fault {
  return withBody(`a bit of the ${where} byte`, (body) => {
    const bytes = Buffer.from(body)
    const at = { first: 0, middle: bytes.length >> 1, last: bytes.length - 1 }[where]
    bytes[at]! ^= 1
    return bytes
  })
}

const gzip = { 'content-encoding': 'gzip' }
export const zipped = withBody('compressed though that was not asked for', (body) => gzipSync(body), gzip)
export const falselyZipped = withBody('called compressed though it is not', (body) => body, gzip)
export const brokenZip = withBody(
  'compressed and broken',
  (body) => {
    const bytes = gzipSync(body)
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 9)
    return bytes
  },
  gzip,
)
export const shortZip = withBody('compressed and cut', (body) => gzipSync(body).subarray(0, -20), gzip)
/** 2 GiB of blanks behind a beginning that looks right. */
export const zipBomb = withBody('a compressed bomb', (body) => bomb(body), gzip)

const bombs = new Map<string, Buffer>()
function bomb(body: Buffer): Buffer {
  const start = body.subarray(0, 1).toString('latin1')
  const known = bombs.get(start)
  if (known) return known
  // Members of gzip may follow one another (RFC 1952, 2.2).
  const blanks = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '), { level: 9 })
  const made = Buffer.concat([gzipSync(start), ...Array.from({ length: 32 }, () => blanks)])
  bombs.set(start, made)
  return made
}

const portal = '<!doctype html><html><head><title>Welcome</title></head><body>Please sign in.</body></html>'
export const loginPage = withBody('a page to sign in', () => Buffer.from(portal), {
  'content-type': 'text/html',
})
export const text = (title: string, body: string) => withBody(title, () => Buffer.from(body))

/** A document that never ends, until the caller has enough. */
export const endless: Fault = {
  title: 'a document without end',
  send({ response, prepared, reached }) {
    const { 'content-length': _, ...headers } = prepared.headers
    response.writeHead(200, headers)
    response.write(prepared.body.subarray(0, 1), reached)
    const blanks = Buffer.alloc(256 * 1024, ' ')
    const more = () => {
      while (!response.destroyed && response.write(blanks));
    }
    response.on('drain', more)
    more()
  },
}

export const redirect = (location: string, code = 302): Fault => ({
  ...changed('', () => ({
    status: code,
    headers: { location, 'content-length': '0' },
    body: Buffer.alloc(0),
  })),
  title: `${code} to ${location.replace(/:\d{4,5}/, ':PORT')}`,
})
/** To itself. */
export const redirectLoop = changed('redirects in a circle', (_, { request }) => ({
  status: 302,
  headers: { location: request.url!, 'content-length': '0' },
  body: Buffer.alloc(0),
}))
/** `count` redirects with ever new addresses, then what was asked for. */
export const redirectChain = (count: number): Fault => ({
  title: `${count} redirects`,
  send({ request, response, prepared, reached }) {
    const url = new URL(request.url!, 'http://upstream')
    const step = Number(url.searchParams.get('step') ?? 0)
    if (step === count) return send(response, prepared, reached)
    url.searchParams.set('step', String(step + 1))
    const headers = { location: url.pathname + url.search, 'content-length': '0' }
    send(response, { status: 302, headers, body: Buffer.alloc(0) }, reached)
  },
})
export const wrongDigestHeader = (name: string, digits: number) =>
  changed('a wrong digest in its head', ({ status: code, headers, body }) => ({
    status: code,
    headers: { ...headers, [name]: 'a'.repeat(digits) },
    body,
  }))

/** Connections are reset as soon as they stand. */
export const reset: ConnectionFault = {
  title: 'connections are reset',
  accept(socket, reached) {
    socket.once('data', () => {
      socket.resetAndDestroy()
      reached()
    })
  },
}
/** What answers does not speak TLS, or speaks nothing at all that is known. */
export const babble: ConnectionFault = {
  title: 'another protocol answers',
  accept(socket, reached) {
    socket.once('data', () => socket.end('220 mail ready\r\n', reached))
  },
}
/** Connections stand, and nothing more. */
export const deaf: ConnectionFault = {
  title: 'connections stand, and nothing more',
  accept: (_socket, reached) => reached(),
}
