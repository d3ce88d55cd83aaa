/** An issuer of ID tokens on loopback, as a CI system is one: discovery, keys, tokens with any claims. */
import { randomUUID, type webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters } from 'jose'

export interface TestIssuer {
  /** `http://127.0.0.1:PORT`: what its tokens and its configuration say. */
  readonly url: string
  /** How often its keys were asked for. */
  keysAsked(): number
  /**
   * A signed token that lives for five minutes. Claims given as undefined are left out; `header` changes what it says of
   * itself, not how it is signed.
   */
  sign(claims: Readonly<Record<string, unknown>>, header?: Partial<JWTHeaderParameters>): Promise<string>
  /** Signs with another key from now on, under another id. */
  rotate(): Promise<void>
  /** What its configuration says instead of the truth. */
  lie(configuration: Readonly<Record<string, unknown>>): void
  close(): Promise<void>
}

interface Signing {
  readonly id: string
  readonly privateKey: webcrypto.CryptoKey
  readonly jwk: object
}

/** Starts an issuer; `now` in milliseconds, for `iat` and `exp`. */
export async function startIssuer(now: () => number = Date.now, algorithm = 'RS256'): Promise<TestIssuer> {
  let signing = await newKey(algorithm)
  let lies = {}
  let asked = 0
  const server = createServer((req, res) => {
    const isKeys = req.url === '/keys'
    if (isKeys) asked++
    const json = isKeys ? { keys: [signing.jwk] } : { issuer: url, jwks_uri: `${url}/keys`, ...lies }
    const isKnown = isKeys || req.url === '/.well-known/openid-configuration'
    res.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    keysAsked: () => asked,
    sign(claims, header = {}) {
      const seconds = Math.floor(now() / 1000)
      const all = { iss: url, jti: randomUUID(), iat: seconds, exp: seconds + 300, ...claims }
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
      return new SignJWT(given)
        .setProtectedHeader({ alg: algorithm, kid: signing.id, ...header })
        .sign(signing.privateKey)
    },
    async rotate() {
      signing = await newKey(algorithm)
    },
    lie(configuration) {
      lies = configuration
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function newKey(algorithm: string): Promise<Signing> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm)
  const id = randomUUID()
  return { id, privateKey, jwk: { ...(await exportJWK(publicKey)), kid: id, alg: algorithm, use: 'sig' } }
}
