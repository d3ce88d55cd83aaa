import { isIPv4, isIPv6 } from 'node:net'
import { isIssuer } from '../lib/issuer.ts'

const hostRule = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i
const pathRule = /^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$/

/** An address to listen on, as written: '127.0.0.1:8080', '[::]:8080', 'localhost:8080'; undefined: it is none. */
export function parseListen(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const parts = splitAddress(value)
  if (!parts || Number(parts.port) > 65_535) return undefined
  const { host } = parts
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1)) ? value : undefined
  // Digits and dots alone are meant as an IPv4 address.
  return isIPv4(host) || (hostRule.test(host) && /[a-z]/i.test(host)) ? value : undefined
}

/**
 * The address people use, without a slash at its end: 'https://packages.example.com/registry'; undefined: it is none.
 * No user, query or fragment, and a path whose spelling nothing on the way would change.
 */
export function parsePublicUrl(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const written = /^https?:\/\/[^/?#\\@\s]+([^?#]*)$/i.exec(value)
  if (!written) return undefined
  const path = written[1]!.replace(/\/$/, '')
  return pathRule.test(path) ? new URL(value).origin + path : undefined
}

/** The address of an outgoing proxy, which may hold a user name and a password; undefined: it is none. */
export function parseProxy(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const { protocol, pathname, search, hash, href } = new URL(value)
  const isProxy = /^https?:$/.test(protocol) && pathname === '/' && search === '' && hash === ''
  return isProxy ? href : undefined
}

/** The issuer of ID tokens, as it stands in them; undefined: it is none. */
export function parseIssuer(value: unknown): string | undefined {
  return typeof value === 'string' && isIssuer(value) ? value : undefined
}

/** The public URL of a server that was told none: its own address, or this machine's name for it. */
export function defaultPublicUrl(listen: string, tls: boolean): string {
  const { host, port } = splitAddress(listen)!
  const everywhere = host === '0.0.0.0' || host === '[::]'
  return new URL(`${tls ? 'https' : 'http'}://${everywhere ? 'localhost' : host}:${port}`).origin
}

/** Whether a database is meant that is reached over the network. */
export const isPostgresUrl = (value: string) => /^postgres(ql)?:\/\//i.test(value)

const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full']

/** Where the records are: the path of a SQLite file, or the address of a PostgreSQL database; undefined: neither. */
export function parseDatabase(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  if (isPostgresUrl(value)) return parsePostgres(value)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return undefined
  return value.replace(/^sqlite:/, '') || undefined
}

function parsePostgres(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined
  const { pathname, searchParams } = new URL(value)
  const mode = searchParams.get('sslmode')
  if (mode !== null && !tlsModes.includes(mode)) {
    throw new Error(`sslmode must be one of ${tlsModes.join(', ')}; certificates are always checked`)
  }
  return /^\/[^/]+$/.test(pathname) ? value : undefined
}

function splitAddress(address: string): { host: string; port: string } | undefined {
  const match = /^(\[[^\]]*\]|[^:[\]]+):(\d{1,5})$/.exec(address)
  return match ? { host: match[1]!, port: match[2]! } : undefined
}

/** The address of an S3-compatible store, without a slash at its end; undefined: it is none. */
export function parseBucketEndpoint(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const { protocol, username, password, search, hash, href } = new URL(value)
  if (!/^https?:$/.test(protocol) || username || password || search || hash) return undefined
  return href.replace(/\/$/, '')
}

/** A path in a bucket, without slashes around it; undefined: it is none. */
export function parseBucketPrefix(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 500) return undefined
  const path = value.replace(/\/$/, '')
  const isPath = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(path)
  return isPath && !/(^|\/)\.{1,2}(\/|$)/.test(path) ? path : undefined
}
