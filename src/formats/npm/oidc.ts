/** npm's trusted publishing: a CI job sends its ID token as Bearer and gets a token to publish the package with. */
import type { OpenCall, Reply } from '../format.ts'
import { unauthorized } from '../../lib/problem.ts'

/** Where the client asks: at the host, whatever the path of its registry. */
export const exchangePath = '/-/npm/v1/oidc/token/exchange/package/:name+'

/**
 * The client asks its issuer for tokens whose audience is `npm:<registry host>`; those for our public URL will do, too. It shows
 * a refusal in its debug log only.
 */
export async function exchangeToken({ request, params, links, caller }: OpenCall): Promise<Reply> {
  const [, idToken] = /^bearer +(\S+)$/i.exec(request.headers['authorization'] ?? '') ?? []
  if (idToken === undefined)
    throw unauthorized('401 Unauthorized: send the ID token as Authorization: Bearer')
  const audience = `npm:${new URL(links.to('')).hostname}`
  const { token, expiresIn } = await caller.exchange(idToken, { name: params['name']!, audience })
  return { status: 201, json: { token, token_type: 'oidc', expires_in: expiresIn } }
}
