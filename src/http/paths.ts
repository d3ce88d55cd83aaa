/** The request target, checked once before anything is routed: what survives here is decoded exactly once, later. */
import { LRUCache } from 'lru-cache'
import { Problem, invalid } from '../lib/problem.ts'

/** A request target that passed every check of `parseTarget`. */
export interface Target {
  /** As received, undecoded, without the query. */
  readonly path: string
  /** `path` split at '/' after the leading one, undecoded; empty segments (`//x`, a trailing slash) are kept. */
  readonly segments: string[]
  readonly query: URLSearchParams
}

const maxPathLength = 4096
const maxTargetLength = 8192
const notPrintableAscii = /[^\x21-\x7e]/
/** C0, DEL, C1, the Unicode bidirectional controls, backslash. */
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\\]/
const escape = /%[0-9a-f]{2}/i

/**
 * Splits the raw `req.url`, refusing with a `Problem` (400) whatever is too long or could mean two things:
 * malformed or double percent-encoding, invalid UTF-8, `.` and `..` segments in any spelling, control and
 * bidirectional characters, backslashes, fragments, absolute-form targets (RFC 9112 section 3.2).
 */
export function parseTarget(rawUrl: string): Target {
  if (rawUrl.charCodeAt(0) !== 47) throw invalid("the request target must start with '/'")
  if (rawUrl.length > maxTargetLength)
    throw tooLong(`the address is longer than ${maxTargetLength} characters`)
  if (notPrintableAscii.test(rawUrl))
    throw invalid('the address contains characters that must be percent-encoded')
  if (rawUrl.includes('#')) throw invalid("the address contains '#', which must be percent-encoded")
  const mark = rawUrl.indexOf('?')
  const path = mark < 0 ? rawUrl : rawUrl.slice(0, mark)
  if (path.length > maxPathLength) throw tooLong(`the path is longer than ${maxPathLength} characters`)
  if (path.includes('\\')) throw unprintable()
  const segments = path.slice(1).split('/')
  for (const segment of segments) checkSegment(segment)
  return { path, segments, query: parseQuery(mark < 0 ? '' : rawUrl.slice(mark + 1)) }
}

const mostRemembered = 4096
const longestRemembered = 256

/** `parseTarget` for one server: gives the very same target again for short addresses without a query. */
export function createTargetReader(): (rawUrl: string) => Target {
  const remembered = new LRUCache<string, Target>({ max: mostRemembered })
  return (rawUrl) => {
    const known = remembered.get(rawUrl)
    if (known) return known
    const target = parseTarget(rawUrl)
    if (rawUrl.length <= longestRemembered && !rawUrl.includes('?')) remembered.set(rawUrl, target)
    return target
  }
}

/** Percent-decodes one path segment as UTF-8. Throws a `Problem` (400) where that is not possible. */
export function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    throw invalid('the path is not valid percent-encoded UTF-8')
  }
}

function checkSegment(segment: string): void {
  if (isDots(segment)) throw dots()
  if (!segment.includes('%')) return
  const decoded = decodeSegment(segment)
  if (isDots(decoded)) throw dots()
  if (forbidden.test(decoded)) throw unprintable()
  if (escape.test(decoded)) throw invalid('the path is percent-encoded twice')
  if (decoded.includes('/') && decoded.split('/').some(isDots)) throw dots()
}

const isDots = (part: string) => part === '.' || part === '..'
const dots = () => invalid("the path contains a segment '.' or '..'")
const unprintable = () => invalid('the path contains a backslash, a control or a bidirectional character')
const tooLong = (message: string) => new Problem(400, 'too_long', message)

function parseQuery(query: string): URLSearchParams {
  if (query.includes('%')) checkQuery(query)
  return new URLSearchParams(query)
}

function checkQuery(query: string): void {
  let decoded
  try {
    decoded = decodeURIComponent(query)
  } catch {
    throw invalid('the query is not valid percent-encoded UTF-8')
  }
  if (decoded.includes('\0')) throw invalid('the query contains a NUL character')
}
