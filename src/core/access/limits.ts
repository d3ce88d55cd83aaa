/** How often and how much callers may ask. Counted in memory, in each process, of the callers seen last. */
import { LRUCache } from 'lru-cache'
import type { RateLimits, Throttle } from '../../config/config.ts'
import { callerNetwork } from '../../lib/ip-addresses.ts'
import { Problem } from '../../lib/problem.ts'
import { hashToken, isWellFormedToken } from '../../lib/tokens.ts'
import type { Clock } from '../core.ts'
import { createAttempts } from './attempts.ts'
import type { Principal } from './principal.ts'

/** All limits of one server. Addresses are the callers' own, as `clientAddress` tells them. */
export interface Limits {
  /**
   * Counts an attempt to sign in with a password, before it is known how it ends. Returns what takes it back when it
   * succeeds. Throws 429.
   */
  signIn(address: string, username: string): () => void
  /** Counts a credential that was found not to be valid. Throws 429 where address or credential had their share. */
  invalidCredential(address: string, credential: string): void
  /**
   * Counts a request for packages, and gives the headers that tell the caller how many are left (none without a limit).
   * Throws 429.
   */
  request(principal: Principal, address: string): Readonly<Record<string, string>>
  /** Counts a publication that begins; returns what ends it. Throws 429. */
  upload(principal: Principal): () => void
}

const minute = 60_000
const mostCallers = 20_000

/** Makes the limits that the configuration sets, asked anew each time. */
export function createLimits(limits: () => RateLimits, clock: Clock): Limits {
  const failures = () => limits().failedAuthenticationsPerMinute
  const passwords = createAttempts(failures, minute, clock)
  const credentials = createAttempts(failures, minute, clock)
  const unauthenticated = throttle('unauthenticated', () => limits().unauthenticated, clock)
  const authenticated = throttle('authenticated', () => limits().authenticated, clock)
  return {
    signIn: (address, username) =>
      passwords.begin([`address ${callerNetwork(address)}`, `user ${username.toLowerCase()}`]),
    invalidCredential(address, credential) {
      const keys = [`address ${callerNetwork(address)}`]
      // Anything else may be an account password, of which not even a hash is kept.
      if (isWellFormedToken(credential)) keys.push(`token ${hashToken(credential)}`)
      credentials.begin(keys)
    },
    request(principal, address) {
      const key = callerOf(principal)
      return key === undefined ? unauthenticated(callerNetwork(address)) : authenticated(key)
    },
    upload: createUploads(() => limits().uploadsAtOnce),
  }
}

/** A person is one caller with all their tokens; undefined for who is known by address only. */
function callerOf(principal: Principal): string | undefined {
  if (principal.kind === 'anonymous') return undefined
  return principal.kind === 'user' ? `user ${principal.userId}` : `token ${principal.token.id}`
}

type Count = (caller: string) => Readonly<Record<string, string>>
interface Window {
  readonly ends: number
  count: number
}

/** Windows begin at multiples of the period, as everybody's clock tells them. */
function throttle(name: string, limit: () => Throttle | undefined, clock: Clock): Count {
  const windows = new LRUCache<string, Window>({ max: mostCallers })
  return (caller) => {
    const asked = limit()
    if (!asked) return {}
    const { requests, period } = asked
    const now = clock()
    let window = windows.get(caller)
    if (!window || window.ends <= now || window.ends > now + period) {
      window = { ends: (Math.floor(now / period) + 1) * period, count: 0 }
      windows.set(caller, window)
    }
    window.count += 1
    const headers = {
      'ratelimit-limit': String(requests),
      'ratelimit-observed': String(window.count),
      'ratelimit-remaining': String(Math.max(0, requests - window.count)),
      'ratelimit-reset': String(Math.ceil(window.ends / 1000)),
      'ratelimit-name': `throttle_${name}_packages_api`,
    }
    if (window.count <= requests) return headers
    const wait = String(Math.ceil((window.ends - now) / 1000))
    throw new Problem(429, 'too_many', 'Retry later', { ...headers, 'retry-after': wait })
  }
}

const uploadWaitSeconds = 5

function createUploads(most: () => number): Limits['upload'] {
  const underWay = new Map<string, number>()
  return (principal) => {
    const key = callerOf(principal) ?? 'anonymous'
    const count = underWay.get(key) ?? 0
    if (count >= most()) {
      const message = `Retry later: ${count} publications of yours are under way, as many as may be at once`
      throw new Problem(429, 'too_many', message, { 'retry-after': String(uploadWaitSeconds) })
    }
    underWay.set(key, count + 1)
    return () => {
      const left = underWay.get(key)! - 1
      if (left > 0) underWay.set(key, left)
      else underWay.delete(key)
    }
  }
}
