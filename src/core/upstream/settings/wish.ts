/** What people say about an upstream, checked and in the spelling that is kept. */
import type { Format } from '../../../formats/format.ts'
import { invalid } from '../../../lib/problem.ts'
import { seal } from '../../../lib/secrets.ts'
import { upstreamUrl } from '../../../lib/upstream-url.ts'
import type { Core } from '../../core.ts'
import type { Upstream, UpstreamValues } from '../../records/upstreams.ts'
import type { UpstreamCredential } from '../credential.ts'
import type { ConfiguredUpstream } from '../../../config/upstream-keys.ts'

/** A user name with its password or, without one, a bearer token. */
/** As in the configuration file. What is left out is as `unsaid` or, in a change, as before; the name: the host. */
export interface UpstreamWish extends Omit<ConfiguredUpstream, 'credential'> {
  /** Null: none. */
  readonly credential?: UpstreamCredential | null | undefined
}

/** What holds where nothing else is said. */
export const unsaid = {
  username: null,
  credential: null,
  ttlMs: 600_000,
  include: [],
  exclude: [],
  keepDaysUnused: null,
  maxBytes: null,
  anonymousFill: false,
  offline: false,
  mixes: false,
} as const satisfies Partial<UpstreamValues>

const day = 86_400_000
export const longestTtlMs = 30 * day
export const mostPatterns = 100
const longestPattern = 255
const longestName = 255
const longestSecret = 8192

/**
 * The format, which must be one that fills from others.
 * @throws Problem 400 naming those that do.
 */
export function fillingFormat({ formats }: Pick<Core, 'formats'>, id: string): Format<any> {
  const format = formats.get(id)
  if (format?.upstream) return format
  const filling = [...formats.values()].filter((one) => one.upstream).map((one) => one.id)
  throw invalid(`format ${id} has no upstreams; those that have: ${filling.join(', ') || 'none'}`)
}

/**
 * A wish as columns; what was left out is left out.
 * @throws Problem 400 saying what cannot be.
 */
export function wishedValues(
  core: Pick<Core, 'config' | 'secretKey'>,
  format: Format<any>,
  wish: Partial<UpstreamWish>,
): Partial<UpstreamValues> {
  const { name, url, credential, ttlMs, include, exclude, keepDaysUnused, maxBytes, ...flags } = wish
  const given = {
    name: name && line('name', name, longestName),
    url: url === undefined ? undefined : checkedUrl(core, url),
    ...(credential === undefined ? {} : sealed(core, credential)),
    ttlMs: between('ttl', ttlMs, 0, longestTtlMs),
    include: include && patterns(format, 'include', include),
    exclude: exclude && patterns(format, 'exclude', exclude),
    keepDaysUnused: between('keep_days_unused', keepDaysUnused, 1, 36_500),
    maxBytes: between('max_bytes', maxBytes, 1, Number.MAX_SAFE_INTEGER),
    ...flags,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

export const hostIn = (url: string) => new URL(url).host

function checkedUrl({ config }: Pick<Core, 'config'>, text: string): string {
  const url = upstreamUrl(text)
  if (`${url}/`.startsWith(`${config.publicUrl}/`)) throw invalid('url must not be an address of this server')
  if (url !== undefined) return url
  throw invalid(
    'url must be an http or https URL without password, query and fragment; a password goes into password or token',
  )
}

/** Throws 400 where it could not be sent as it is. */
export function checkCredential({ username, secret }: UpstreamCredential): void {
  if (username !== null) {
    line('username', username, longestName)
    if (username.includes(':')) throw invalid('username must not hold ":"')
    line('password', secret, longestSecret)
  } else if (!/^[\x21-\x7e]+$/.test(secret) || secret.length > longestSecret) {
    throw invalid(`token must be ${longestSecret} printable characters at most, without spaces`)
  }
}

function sealed({ secretKey }: Pick<Core, 'secretKey'>, credential: UpstreamCredential | null) {
  if (credential === null) return { username: null, credential: null }
  checkCredential(credential)
  return { username: credential.username, credential: seal(secretKey, credential.secret) }
}

// oxlint-disable-next-line no-control-regex -- they are what must not be in it
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

function line(what: string, text: string, longest: number): string {
  if (text !== '' && text.length <= longest && !unprintable.test(text)) return text
  throw invalid(`${what} must be one line of 1 to ${longest} characters`)
}

function between<T extends number | null | undefined>(
  what: string,
  value: T,
  least: number,
  most: number,
): T {
  if (typeof value !== 'number') return value
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw invalid(`${what} must be from ${least} to ${most}`)
}

/** In the spelling of normalised names, each once. */
function patterns(format: Format<any>, what: string, texts: readonly string[]): string[] {
  if (texts.length > mostPatterns) throw invalid(`${what} holds at most ${mostPatterns} patterns`)
  const spelt = texts.map((text) => {
    const pattern = line(what, text, longestPattern)
    return format.names.spell?.(pattern) ?? pattern
  })
  return [...new Set(spelt)]
}

/** What an event says about an upstream: no secret. */
export const eventDetail = (upstream: Upstream) => ({
  upstream: upstream.id,
  name: upstream.name,
  url: upstream.url,
  username: upstream.username,
  credential_set: upstream.credential !== null,
  ttl: upstream.ttlMs / 1000,
  include: upstream.include,
  exclude: upstream.exclude,
  keep_days_unused: upstream.keepDaysUnused,
  max_bytes: upstream.maxBytes,
  anonymous_fill: upstream.anonymousFill,
  offline: upstream.offline,
  mixes: upstream.mixes,
})
