/** Requests that are wrong for every format. */
import type { ClientRequest } from './samples.ts'
import { sample, type Suite } from './scene.ts'

interface BrokenRequest extends ClientRequest {
  readonly title: string
  readonly status?: number
}

/** Addresses, methods and credentials; relative to a project's registry. */
export function brokenPaths(suite: Suite): readonly BrokenRequest[] {
  const { path } = suite.samples.file(sample(suite))
  const [first] = suite.samples.publish(sample(suite)) as [ClientRequest]
  const spelled = (title: string, text: string): readonly BrokenRequest[] =>
    (['GET', 'PUT'] as const).map((method) => ({
      title: `${method}: ${title}`,
      status: 400,
      method,
      path: text,
    }))
  const denied = (title: string, headers: Record<string, string>): BrokenRequest => ({
    title,
    status: 401,
    ...first,
    headers: { ...first.headers, 'private-token': '', ...headers },
  })
  return [
    ...spelled('a path that climbs up', `/..${path}`),
    ...spelled('an encoded path that climbs up', `/%2e%2E${path}`),
    ...spelled('a half encoded path that climbs up', `/.%2e${path}`),
    ...spelled('an encoded slash that climbs up', `/a%2f..%2f..%2fb${path}`),
    ...spelled('a segment that stays', `/./${path}`),
    ...spelled(
      'a path that is encoded twice',
      path.replace(/\/(\w)/, (_, c: string) => `/%25${hex(c)}`),
    ),
    ...spelled('NUL', `${path}%00`),
    ...spelled('a line feed', `${path}%0aX: y`.replace(' ', '%20')),
    ...spelled('a backslash', `${path}%5c..`),
    ...spelled('a text direction', `${path}%E2%80%AE`),
    ...spelled('half an escape', `${path}%4`),
    ...spelled('no escape', `${path}%zz`),
    ...spelled('no UTF-8', `${path}%ff`),
    ...spelled('overlong UTF-8', `${path}%c0%ae`),
    ...spelled('half a surrogate pair', `${path}%ed%a0%80`),
    ...spelled('a path of 5000 characters', `/${'a/'.repeat(2500)}`),
    ...spelled('a query of 9000 characters', `${path}?${'a=b&'.repeat(2250)}`),
    ...spelled('a query with NUL', `${path}?a=%00`),
    { title: 'PATCH', method: 'PATCH', path, body: '{}' },
    { title: 'POST', method: 'POST', path, body: 'x' },
    denied('no token', { 'private-token': 'ept_none' }),
    denied('a bearer that is none', { authorization: 'Bearer', 'private-token': 'none' }),
    denied('Basic that is no Base64', { authorization: 'Basic %%%', 'private-token': '%%%' }),
    denied('a very long token', { 'private-token': 'x'.repeat(10_000) }),
  ]
}

const hex = (character: string) => character.charCodeAt(0).toString(16)

/** Bytes that are no HTTP request, or two at once. */
export function rawRequests(at: string, token: string): readonly (readonly [title: string, bytes: string])[] {
  const { pathname, host } = new URL(at)
  const head = (path: string, ...headers: string[]) =>
    [`PUT ${path} HTTP/1.1`, `Host: ${host}`, `Private-Token: ${token}`, ...headers, '', ''].join('\r\n')
  return [
    ['noise', '\u0000\u0001\u0002\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n'],
    ['a space in the target', head(`${pathname}/a b`)],
    ['two lengths', head(`${pathname}/a/1/b`, 'Content-Length: 1', 'Content-Length: 2')],
    ['a negative length', head(`${pathname}/a/1/b`, 'Content-Length: -1')],
    ['a length and chunks', head(`${pathname}/a/1/b`, 'Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['an unknown transfer coding', head(`${pathname}/a/1/b`, 'Transfer-Encoding: gzip')],
    ['a header without a name', head(`${pathname}/a/1/b`, ': x')],
    ['a header with NUL', head(`${pathname}/a/1/b`, 'X-A: a\u0000b')],
    ['folded headers', head(`${pathname}/a/1/b`, 'X-A: a', ' b: c')],
    ['100 KB of headers', head(`${pathname}/a/1/b`, `X-A: ${'a'.repeat(100_000)}`)],
    [
      'an absolute target',
      `GET http://elsewhere.example/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    ],
    [
      'a chunk size that is none',
      `${head(`${pathname}/a/1/b`, 'Transfer-Encoding: chunked')}zz\r\nx\r\n0\r\n\r\n`,
    ],
  ]
}

/** The head of a sample's first upload. */
function uploadHead(suite: Suite, at: string, token: string, ...more: string[]): Buffer {
  const [{ method, path, headers }] = suite.samples.publish(sample(suite)) as [ClientRequest]
  const { pathname, host } = new URL(at)
  const own = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`)
  const credential = token ? [`Private-Token: ${token}`] : []
  const lines = [`${method} ${pathname}${path} HTTP/1.1`, `Host: ${host}`, ...credential, ...own, ...more]
  return Buffer.from([...lines, '', ''].join('\r\n'))
}

/** An upload that waits for a word before it sends its body. */
export function expecting(suite: Suite, at: string, token: string): Buffer {
  return uploadHead(suite, at, token, 'Content-Length: 100', 'Expect: 100-continue')
}

/** Uploads whose client goes in the middle. */
export function hangUps(suite: Suite, at: string, token: string): readonly Buffer[] {
  const [{ body = '' }] = suite.samples.publish(sample(suite)) as [ClientRequest]
  const bytes = Buffer.from(body)
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2))
  const head = (...more: string[]) => uploadHead(suite, at, token, ...more)
  const length = `Content-Length: ${bytes.length}`
  const chunked = 'Transfer-Encoding: chunked'
  const chunk = Buffer.concat([Buffer.from(`${half.length.toString(16)}\r\n`), half, Buffer.from('\r\n')])
  return [
    head(length).subarray(0, 40),
    head(length),
    head(length, 'Expect: 100-continue'),
    Buffer.concat([head(length), half]),
    Buffer.concat([head(length), bytes.subarray(0, -1)]),
    head(chunked),
    Buffer.concat([head(chunked), chunk]),
    Buffer.concat([head(chunked), chunk.subarray(0, -3)]),
  ]
}
