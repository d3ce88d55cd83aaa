/** Who calls, for package routes and REST alike: invalid credentials are counted, requests for packages limited. */
import type { IncomingMessage } from 'node:http'
import type { Credential } from '../core/access/carriers.ts'
import { bearerOf, identify } from '../core/access/credentials.ts'
import { originOf as actorOf, type Principal } from '../core/access/principal.ts'
import type { Core } from '../core/core.ts'
import type { Origin } from '../core/records/events.ts'
import { Problem } from '../lib/problem.ts'
import { clientAddress } from './client-address.ts'
import { requestId } from './request-id.ts'

/** The caller's address, as `http.trusted_proxies` lets it be told. */
export function addressOf(core: Core, req: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  return clientAddress(req, core.config.http.trustedProxies)
}

/** Who does what a request asks for, and from where. */
export function originOf(core: Core, req: IncomingMessage, principal: Principal): Origin {
  const address = addressOf(core, req) || null
  return { ...actorOf(principal), address, requestId: requestId(req) }
}

/**
 * The caller by the credential presented (undefined: none). The credential is checked first and counted only where it is
 * not valid, so that nobody at the same address can keep a valid one from working.
 * @throws Problem 401 as `identify` does; 429 instead once too many were not valid.
 */
export async function identifyCaller(
  core: Core,
  req: IncomingMessage,
  generation: number,
  credential: Credential | undefined,
): Promise<Principal> {
  try {
    return await identify(core, generation, credential)
  } catch (error) {
    if (error instanceof Problem && error.status === 401 && credential)
      core.limits.invalidCredential(addressOf(core, req), credential.token)
    throw error
  }
}

/** Whose token a sign-in route was sent in a body, or undefined. Counted like one in a header. Throws 429. */
export async function verifyToken(
  core: Core,
  req: IncomingMessage,
  generation: number,
  token: string,
): Promise<string | undefined> {
  const bearer = await bearerOf(core, generation, token)
  if (!bearer) core.limits.invalidCredential(addressOf(core, req), token)
  return bearer?.username
}

/** Counts a request for packages; gives headers for its answer, undefined where there is no limit. Throws 429. */
export function limitRequest(
  core: Core,
  req: IncomingMessage,
  principal: Principal,
): Readonly<Record<string, string>> | undefined {
  const { unauthenticated, authenticated } = core.config.rateLimits
  if (!unauthenticated && !authenticated) return undefined
  return core.limits.request(principal, addressOf(core, req))
}
