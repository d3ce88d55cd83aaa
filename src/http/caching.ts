/** What package answers say to caches. */
import { credentialHeaders } from '../core/access/carriers.ts'
import { remember } from '../lib/remember.ts'

type Headers = Readonly<Record<string, string>>

const vary = `Accept, Accept-Encoding, ${credentialHeaders}`
const names = new Set(vary.toLowerCase().split(', '))

/** Of what not everybody may read: the caller's own cache asks each time. */
export const uncached: Headers = { 'cache-control': 'private, no-cache', vary }
/** Of writes, and of sign-in routes, whose answers may hold a token. */
export const unstored: Headers = { 'cache-control': 'private, no-store', vary }
/** Of what everybody may read. */
export const shared: Headers = { 'cache-control': 'no-cache', vary }

/** All headers of an answer; a format's own `vary` adds to ours. */
export function withCaching(caching: Headers, limits: Headers | undefined, own: Headers): Headers {
  const headers: Record<string, string> = { ...caching, ...limits, ...own }
  if (own['vary'] !== undefined) headers['vary'] = varyWith(own['vary'])
  return headers
}

const varyWith = remember((more: string) => {
  const added = more.split(/, */).filter((name) => !names.has(name.toLowerCase()))
  return [vary, ...added].join(', ')
})
