/** The OpenID provider, asked by authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636). */
import type * as OpenidClient from 'openid-client'
import type { ClientAuth, Configuration, CustomFetch } from 'openid-client'
import type { SsoConfig } from '../../../config/config.ts'
import { Problem } from '../../../lib/problem.ts'
import type { Core } from '../../core.ts'
import { EgressError } from '../../egress/egress-error.ts'
import type { Egress } from '../../egress/egress.ts'
import { nameOfPerson, textOf, textsOf } from './claims.ts'
import type { Flow } from './flow.ts'

/** Who signed in, as the provider says. */
export interface SignedInPerson {
  readonly issuer: string
  readonly subject: string
  /** What the provider would call them; no user name of ours yet. */
  readonly username: string | undefined
  readonly name: string | undefined
  readonly groups: readonly string[]
}

export interface Provider {
  /** The provider's address for a new sign-in. Throws Problem 502 if the provider cannot be asked. */
  signInAddress(flow: Flow): Promise<string>
  /**
   * Who came back with this query.
   * @throws Problem 401 if the provider let nobody in or its answer does not belong to the flow, 502 if the provider
   * cannot be asked.
   */
  person(query: URLSearchParams, flow: Flow): Promise<SignedInPerson>
}

/** Where the provider sends people back to. */
export const callbackPath = '/sign-in/sso/callback'
/** How long what was discovered counts. */
const discoveredMs = 3_600_000
const maxBytes = 1024 * 1024
const timeoutMs = 10_000
/** How far clocks may differ, in seconds. */
const tolerance = 60

/** Makes the provider of the configuration; nothing is asked, nor the library loaded, before somebody signs in. */
export function createProvider(core: Core, sso: SsoConfig): Provider {
  const discovered = discovery(core, sso)
  const ask = async <T>(work: (config: Configuration) => Promise<T>): Promise<T> => {
    try {
      return await work(await discovered())
    } catch (error) {
      throw await asProblem(core, sso, error)
    }
  }
  return {
    signInAddress: (flow) => ask((config) => signInAddress(core, sso, config, flow)),
    person: (query, flow) => ask((config) => exchange(core, sso, config, query, flow)),
  }
}

function discovery(core: Core, sso: SsoConfig): () => Promise<Configuration> {
  let known: { readonly config: Promise<Configuration>; readonly at: number } | undefined
  return () => {
    if (known && core.clock() - known.at < discoveredMs) return known.config
    const config = discover(core.egress, sso)
    const current = { config, at: core.clock() }
    known = current
    config.catch(() => {
      if (known === current) known = undefined
    })
    return config
  }
}

async function discover(egress: Egress, sso: SsoConfig): Promise<Configuration> {
  const client = await import('openid-client')
  const issuer = new URL(sso.issuer)
  const metadata = { [client.clockTolerance]: tolerance }
  // Only the administrator can have said http.
  const insecure = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : []
  return client.discovery(issuer, sso.clientId, metadata, authentication(client, sso), {
    [client.customFetch]: throughEgress(egress, issuer.origin),
    // A token's signature is checked although it came straight from the provider.
    execute: [client.enableNonRepudiationChecks, ...insecure],
  })
}

/** Providers disagree on how the secret is to be escaped in a header, so it goes into the body where that is taken. */
function authentication(client: typeof OpenidClient, { clientSecret }: SsoConfig): ClientAuth {
  if (clientSecret === undefined) return client.None()
  const post = client.ClientSecretPost(clientSecret)
  const basic = client.ClientSecretBasic(clientSecret)
  return (server, ...rest) =>
    (server.token_endpoint_auth_methods_supported?.includes('client_secret_post') ? post : basic)(
      server,
      ...rest,
    )
}

/** The issuer was written down by the administrator; what its documents name besides is judged as any address. */
function throughEgress(egress: Egress, issuerOrigin: string): CustomFetch {
  return async (url, { method, headers, body }) => {
    const reply = await egress.fetch({
      url,
      method,
      headers,
      ...(body === null || body === undefined ? {} : { body: bodyOf(body) }),
      maxBytes,
      timeoutMs,
      redirects: 0,
      reach: new URL(url).origin === issuerOrigin ? 'anywhere' : 'configured',
      lane: 'sso',
    })
    const fields = Object.entries(reply.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    )
    const isBodiless = [204, 205, 304].includes(reply.status)
    return new Response(isBodiless ? null : new Uint8Array(reply.body), {
      status: reply.status,
      headers: fields,
    })
  }
}

function bodyOf(body: unknown): string | Uint8Array {
  if (body instanceof Uint8Array) return body
  if (typeof body === 'string' || body instanceof URLSearchParams) return String(body)
  throw new TypeError('a request to an OpenID provider has an unknown kind of body')
}

const callbackOf = (core: Core) => core.config.publicUrl + callbackPath

async function signInAddress(core: Core, sso: SsoConfig, config: Configuration, flow: Flow): Promise<string> {
  const client = await import('openid-client')
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: callbackOf(core),
    scope: sso.scopes,
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  })
  return address.href
}

async function exchange(
  core: Core,
  sso: SsoConfig,
  config: Configuration,
  query: URLSearchParams,
  { verifier, state, nonce }: Flow,
): Promise<SignedInPerson> {
  const client = await import('openid-client')
  const came = new URL(`${callbackOf(core)}?${query}`)
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  }
  const tokens = await client.authorizationCodeGrant(config, came, checks)
  const own = tokens.claims()!
  const wanted = [sso.groupsClaim, 'preferred_username', 'name']
  const isAll = wanted.every((claim) => own[claim] !== undefined)
  // Many providers keep what is long out of the token.
  const more =
    isAll || config.serverMetadata().userinfo_endpoint === undefined
      ? {}
      : await client.fetchUserInfo(config, tokens.access_token, own.sub)
  const claims: Readonly<Record<string, unknown>> = { ...more, ...own }
  return {
    issuer: own.iss,
    subject: own.sub,
    username: textOf(claims['preferred_username']),
    name: nameOfPerson(claims['name']),
    groups: textsOf(claims[sso.groupsClaim]),
  }
}

async function asProblem(core: Core, sso: SsoConfig, error: unknown): Promise<Problem> {
  core.log.warn(
    { issuer: sso.issuer, why: messagesOf(error) },
    'a sign-in through the OpenID provider failed',
  )
  const client = await import('openid-client')
  if (error instanceof client.AuthorizationResponseError) {
    return new Problem(401, 'sso_refused', `${sso.name} did not let you in (${error.error.slice(0, 100)})`)
  }
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  const isUnreachable = cause instanceof EgressError || code === 'OAUTH_RESPONSE_IS_NOT_CONFORM'
  if (isUnreachable) {
    return new Problem(502, 'sso_unreachable', `${sso.name} does not answer; try again later`)
  }
  return new Problem(
    401,
    'sso_refused',
    `what ${sso.name} answered was not accepted; sign in once more, and tell an administrator if that does not help`,
  )
}

/** What went wrong, and why, and why. Only messages: whatever else such errors hold tells of people and tokens. */
function messagesOf(error: unknown): string[] {
  const messages: string[] = []
  for (let at = error; at instanceof Error && messages.length < 5; at = at.cause) {
    messages.push(at.message.slice(0, 300))
  }
  return messages
}
