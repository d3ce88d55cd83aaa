/** Conditional requests by ETag (RFC 9110 section 13). We send no Last-Modified, so dates never match. */
import type { IncomingHttpHeaders } from 'node:http'

/**
 * What the preconditions of a GET or HEAD come to: 'failed' is 412, 'unchanged' is 304.
 * `etag` is the header value of the representation that would be sent, quotes included.
 */
export function checkConditions(
  headers: IncomingHttpHeaders,
  etag: string | undefined,
): 'proceed' | 'unchanged' | 'failed' {
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined && !matches(ifMatch, etag, strongly)) return 'failed'
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag, weakly)) return 'unchanged'
  return 'proceed'
}

/** Whether a Range counts: If-Range absent, or naming exactly this representation (strong comparison). */
export function rangeApplies(ifRange: string | undefined, etag: string | undefined): boolean {
  return ifRange === undefined || (etag !== undefined && strongly(ifRange.trim(), etag))
}

type Comparison = (given: string, ours: string) => boolean
const strongly: Comparison = (given, ours) => given === ours && !given.startsWith('W/')
const weakly: Comparison = (given, ours) => withoutWeakness(given) === withoutWeakness(ours)
const withoutWeakness = (tag: string) => (tag.startsWith('W/') ? tag.slice(2) : tag)

function matches(header: string, etag: string | undefined, compare: Comparison): boolean {
  if (header.trim() === '*') return true
  if (etag === undefined) return false
  if (compare(header, etag)) return true
  for (const tag of header.match(/(?:W\/)?"[^"]*"/g) ?? []) {
    if (compare(tag, etag)) return true
  }
  return false
}
