/** The keys of ID token issuers, by OpenID Connect Discovery 1.0: only the issuer says where they are. */
import { LRUCache } from 'lru-cache'
import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../../core.ts'
import type { Egress, EgressRequest } from '../../egress/egress.ts'

export interface Issuers {
  /**
   * The issuer's public keys, kept for a while; `fresh`: fetched anew where that was not done a moment ago.
   * Throws EgressError or IssuerError where they cannot be had.
   */
  keys(issuer: string, fresh?: boolean): Promise<JSONWebKeySet>
  /** Whether an administrator listed the issuer as one that may be off the public Internet. */
  isInternal(issuer: string): boolean
}

/** The issuer answered, but not as an issuer does. */
export class IssuerError extends Error {
  override name = 'IssuerError'
}

const minute = 60_000
const keptMs = 10 * minute
/** If the issuer cannot be reached, older keys count for so long. */
const staleMs = 60 * minute
const mostKeys = 100

/** So long nobody asks again: for a key that is not there, and after a failure. */
const restMs = minute
const failureMs = 10_000

interface Kept {
  readonly keys: JSONWebKeySet
  readonly at: number
}
interface Failure {
  readonly error: unknown
  readonly at: number
}
interface Options {
  readonly egress: Egress
  readonly internal: readonly string[]
  readonly clock: Clock
}

/** Makes the memory of keys: of the two hundred issuers used last. */
export function createIssuers({ egress, internal, clock }: Options): Issuers {
  const kept = new LRUCache<string, Kept>({ max: 200 })
  const failures = new LRUCache<string, Failure>({ max: 200 })
  const underWay = new Map<string, Promise<JSONWebKeySet>>()
  const isInternal = (issuer: string) => internal.includes(issuer)
  const fetchNow = async (issuer: string) => {
    try {
      const keys = await fetchKeys(egress, issuer, isInternal(issuer))
      kept.set(issuer, { keys, at: clock() })
      failures.delete(issuer)
      return keys
    } catch (error) {
      failures.set(issuer, { error, at: clock() })
      throw error
    } finally {
      underWay.delete(issuer)
    }
  }
  const fetchOnce = (issuer: string) => {
    const failure = failures.get(issuer)
    if (failure && clock() - failure.at < failureMs) throw failure.error
    const fetching = underWay.get(issuer) ?? fetchNow(issuer)
    underWay.set(issuer, fetching)
    return fetching
  }
  return {
    isInternal,
    async keys(issuer, fresh = false) {
      const known = kept.get(issuer)
      const age = known ? clock() - known.at : Infinity
      if (known && age < (fresh ? restMs : keptMs)) return known.keys
      try {
        return await fetchOnce(issuer)
      } catch (error) {
        if (known && age < staleMs) return known.keys
        throw error
      }
    },
  }
}

type Limits = Pick<EgressRequest, 'maxBytes' | 'timeoutMs' | 'redirects' | 'retries' | 'lane' | 'headers'>
const limits: Limits = {
  maxBytes: 256 * 1024,
  timeoutMs: 5000,
  redirects: 0,
  retries: 1,
  lane: 'issuers',
  headers: { accept: 'application/json' },
}

async function fetchKeys(egress: Egress, issuer: string, isInternal: boolean): Promise<JSONWebKeySet> {
  const reach = isInternal ? 'anywhere' : 'public'
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const found = await fetchJson(egress, { url, reach, ...limits })
  if (found['issuer'] !== issuer) {
    throw new IssuerError(`the configuration at ${url} is that of another issuer: ${String(found['issuer'])}`)
  }
  const keysUrl = found['jwks_uri']
  if (typeof keysUrl !== 'string' || !URL.canParse(keysUrl)) {
    throw new IssuerError(`the configuration at ${url} has no jwks_uri`)
  }
  const elsewhere = isInternal ? 'configured' : 'public'
  const isSame = new URL(keysUrl).origin === new URL(issuer).origin
  const set = await fetchJson(egress, { url: keysUrl, reach: isSame ? reach : elsewhere, ...limits })
  if (!Array.isArray(set['keys']) || set['keys'].length > mostKeys) {
    throw new IssuerError(`there is no key set at ${keysUrl}, or one of more than ${mostKeys} keys`)
  }
  // Only what verifies signatures: never a shared secret.
  const keys = set['keys'].filter((key) => ['RSA', 'EC', 'OKP'].includes(key?.kty))
  return { keys }
}

async function fetchJson(egress: Egress, request: EgressRequest): Promise<Record<string, unknown>> {
  const { status, body } = await egress.fetch(request)
  if (status !== 200) throw new IssuerError(`${String(request.url)} answered with ${status}`)
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new IssuerError(`${String(request.url)} is no JSON object`)
}
