/** Trusted publishing as PyPI has it: a CI job sends its ID token and gets a token to upload with. */
import { invalid } from '../../lib/problem.ts'
import { readJson } from '../handlers.ts'
import type { OpenCall, Reply } from '../format.ts'
import { isObject } from './models.ts'

/** Where twine and uv ask: at the host, whatever the path of the registry. */
export const audiencePath = '/_/oidc/audience'
export const mintPath = '/_/oidc/mint-token'

/** What clients have their issuer make ID tokens for. Those for our public URL will do, too. */
const audience = 'pypi'
const maxBody = 64 * 1024

export const readAudience = (): Reply => ({ json: { audience } })

/** Refusals are listed in `errors` (see access.ts), which clients print. */
export async function mintToken({ request, caller }: OpenCall): Promise<Reply> {
  const body = await readJson(request.body, maxBody)
  const idToken = isObject(body) ? body['token'] : undefined
  if (typeof idToken !== 'string') throw invalid('send {"token": "<the ID token>"}')
  const { token } = await caller.exchange(idToken, { audience })
  return { json: { success: true, message: 'Token minted', token } }
}
