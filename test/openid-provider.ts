/** An OpenID provider on loopback, where people sign in: an issuer of tokens with the rest of the code flow. */
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { startIssuer, type TestIssuer } from './issuer.ts'

export const clientId = 'entrepot'
export const clientSecret = 'known to both of us'

export interface TestPerson {
  readonly sub: string
  /** Claims that the ID token has, beside or instead of those it should have; undefined: leave out. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Claims that only the user info endpoint tells. */
  readonly userInfo?: Readonly<Record<string, unknown>>
}

export interface TestProvider {
  readonly issuer: TestIssuer
  /** What the issuer's configuration says of the rest. */
  readonly configuration: Readonly<Record<string, unknown>>
  /** Requests for tokens that were refused, and why. */
  readonly refused: string[]
  /** How often tokens were asked for. */
  tokensAsked(): number
  /** What the browser brings to the provider's page. */
  begun(address: string): URLSearchParams
  /** The person signs in at the address they were sent to; resolves to the address they are sent back to. */
  letIn(address: string, person: TestPerson): string
  close(): Promise<void>
}

interface Grant {
  readonly asked: URLSearchParams
  readonly person: TestPerson
}

/** Starts a provider. */
export async function startProvider(): Promise<TestProvider> {
  const issuer = await startIssuer()
  const codes = new Map<string, Grant>()
  const accessTokens = new Map<string, TestPerson>()
  const refused: string[] = []
  let asked = 0
  const server = createServer(async (req, res) => {
    const { status, body } = req.url === '/token' ? await tokens(req) : userInfo(req)
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  async function tokens(req: IncomingMessage) {
    asked++
    const form = new URLSearchParams(await text(req))
    const grant = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const why = problem(form, grant)
    if (why || !grant) {
      refused.push(why ?? 'unknown code')
      return { status: 400, body: { error: 'invalid_grant' } }
    }
    const { person } = grant
    const accessToken = randomUUID()
    accessTokens.set(accessToken, person)
    const claims = { aud: clientId, sub: person.sub, nonce: grant.asked.get('nonce'), ...person.claims }
    const body = { access_token: accessToken, token_type: 'Bearer', id_token: await issuer.sign(claims) }
    return { status: 200, body }
  }
  function userInfo(req: IncomingMessage) {
    const person = accessTokens.get((req.headers.authorization ?? '').replace('Bearer ', ''))
    return person ? { status: 200, body: { sub: person.sub, ...person.userInfo } } : { status: 401, body: {} }
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const configuration = {
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    userinfo_endpoint: `${url}/user`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
  issuer.lie(configuration)
  const begun = (address: string) => {
    if (!address.startsWith(`${url}/authorize?`)) throw new Error(`${address} is not the provider's page`)
    return new URL(address).searchParams
  }
  return {
    issuer,
    configuration,
    refused,
    tokensAsked: () => asked,
    begun,
    letIn(address, person) {
      const query = begun(address)
      const code = randomUUID()
      codes.set(code, { asked: query, person })
      return `${query.get('redirect_uri')}?${new URLSearchParams({ code, state: query.get('state') ?? '' })}`
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      await issuer.close()
    },
  }
}

/** What RFC 6749 and RFC 7636 have a provider refuse. */
function problem(form: URLSearchParams, grant: Grant | undefined): string | undefined {
  if (!grant) return 'unknown code'
  const { asked } = grant
  if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) return 'client'
  if (form.get('redirect_uri') !== asked.get('redirect_uri')) return 'redirect_uri'
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  if (asked.get('code_challenge_method') !== 'S256' || challenge !== asked.get('code_challenge'))
    return 'PKCE'
  return undefined
}
