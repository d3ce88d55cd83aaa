/** Decides a whole answer without touching a socket: status, headers, and which bytes follow. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { checkConditions, rangeApplies } from './conditional.ts'
import type { ByteRange, Content } from './content.ts'
import { parseRange } from './ranges.ts'
import { represent, type Representation, type Source } from './representation.ts'

export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Record<string, string | number>
  /** Left out: nothing follows the headers. */
  readonly body?: { readonly source: Source; readonly range?: ByteRange; readonly length: number }
}

type Fields = Record<string, string | number>
type Request = Pick<IncomingMessage, 'method' | 'headers'>

/** Of every answer that carries what users uploaded or wrote: nothing in it may run as a page of ours. */
export const safetyHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
} as const

/** Only the answer itself may say these. */
const ours: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'content-range',
  'transfer-encoding',
  'connection',
  'keep-alive',
])
const describing = [
  'content-type',
  'content-disposition',
  'content-encoding',
  'content-language',
  'accept-ranges',
]

/**
 * Works out ranges, conditions, coding and HEAD for a GET or HEAD with status 200; other answers are sent as they are.
 * An `etag` among `headers` replaces the content's for every coding; `vary` is added to, `content-type` wins.
 */
export function prepareAnswer(
  request: Request,
  status: number,
  headers: Readonly<Record<string, string>>,
  content: Content,
): Answer {
  const fields = lowerCased(headers)
  if (status === 204 || status === 304) return { status, headers: without(fields, describing) }
  Object.assign(fields, safetyHeaders)
  if (content.kind === 'empty') return { status, headers: withLength(fields, 0) }
  const found = represent(request.headers, content)
  describe(fields, found)
  const head = request.method === 'HEAD'
  if (status === 200 && (head || request.method === 'GET'))
    return retrieval(request.headers, head, fields, found)
  return whole(status, fields, found, head)
}

/** Sends the client to `location` for what `answer` would bring; for this once, as the address is good for minutes. */
export function redirected(answer: Answer, location: string): Answer {
  const headers = without({ ...answer.headers }, [...describing, 'etag', 'content-range'])
  return {
    status: 302,
    headers: withLength({ ...headers, location, 'cache-control': 'private, no-store' }, 0),
  }
}

/** GET and HEAD, status 200: the order of the checks is that of RFC 9110 section 13.2.2. */
function retrieval(
  request: IncomingHttpHeaders,
  head: boolean,
  fields: Fields,
  found: Representation,
): Answer {
  fields['accept-ranges'] = 'bytes'
  const etag = fields.etag === undefined ? undefined : String(fields.etag)
  const condition = checkConditions(request, etag)
  if (condition === 'unchanged') return { status: 304, headers: without(fields, describing) }
  if (condition === 'failed') return { status: 412, headers: withLength(without(fields, describing), 0) }
  if (head || !rangeApplies(one(request['if-range']), etag)) return whole(200, fields, found, head)
  const range = parseRange(request.range, found.size)
  if (range === undefined) return whole(200, fields, found, false)
  if (range === 'unsatisfiable') return unsatisfiable(fields, found.size)
  const length = range.end - range.start + 1
  fields['content-range'] = `bytes ${range.start}-${range.end}/${found.size}`
  return { status: 206, headers: withLength(fields, length), body: { source: found.source, range, length } }
}

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)

function unsatisfiable(fields: Fields, size: number): Answer {
  const headers = without(fields, ['content-type', 'content-disposition', 'content-encoding'])
  headers['content-range'] = `bytes */${size}`
  return { status: 416, headers: withLength(headers, 0) }
}

function whole(status: number, fields: Fields, found: Representation, head: boolean): Answer {
  const headers = withLength(fields, found.size)
  if (head || found.size === 0) return { status, headers }
  return { status, headers, body: { source: found.source, length: found.size } }
}

function describe(fields: Fields, found: Representation): void {
  const given = fields['content-type']
  Object.assign(fields, found.headers)
  if (given !== undefined) fields['content-type'] = given
  if (found.etag !== undefined) fields.etag ??= found.etag
  if (found.varies) fields.vary = varyWith(fields.vary)
}

function varyWith(vary: string | number | undefined): string {
  if (vary === undefined || vary === '') return 'Accept-Encoding'
  const names = String(vary).toLowerCase()
  return names.includes('accept-encoding') || names.includes('*') ? String(vary) : `${vary}, Accept-Encoding`
}

function lowerCased(headers: Readonly<Record<string, string>>): Fields {
  const fields: Fields = {}
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase()
    if (!ours.has(lower)) fields[lower] = headers[name]!
  }
  return fields
}

function without(fields: Fields, names: readonly string[]): Fields {
  for (const name of names) delete fields[name]
  return fields
}

function withLength(fields: Fields, length: number): Fields {
  fields['content-length'] = length
  return fields
}
