/**
 * The exchange of ID tokens at the server's root, as clients of trusted publishing know it from public registries of Python
 * packages: ask which audience the ID token must have, then mint a token. It serves jobs of any format.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { anonymous } from '../core/access/principal.ts'
import { exchangeIdToken } from '../core/access/trusts/exchange.ts'
import type { Core } from '../core/core.ts'
import { originOf } from '../http/identify-caller.ts'
import { requestId } from '../http/request-id.ts'
import { acceptBodies } from './bodies.ts'
import type { Paths } from './openapi-model.ts'
import { errorReply } from './error-reply.ts'
import { idTokenText } from './trusts.ts'
import { checked } from './validation.ts'

const minting = z.object({ token: idTokenText })

/** Adds both addresses. */
export async function registerTrustedPublishing(app: FastifyInstance, core: Core): Promise<void> {
  await app.register(
    async (oidc) => {
      acceptBodies(oidc)
      oidc.setErrorHandler((error, request, reply) => {
        const origin = () => originOf(core, request.raw, anonymous)
        core.refusals.note(error, origin, `${request.method} ${request.url.split('?', 1)[0]}`)
        const { status, headers, body } = errorReply(error, core.log, requestId(request.raw))
        return reply.status(status).headers(headers).send(failed(body))
      })
      oidc.get('/audience', async () => ({ audience: core.config.publicUrl }))
      oidc.post('/mint-token', async ({ body, raw }) => {
        const { token: idToken } = checked(minting, body) as z.output<typeof minting>
        const { text } = await exchangeIdToken(core, { idToken }, originOf(core, raw, anonymous))
        return { success: true, token: text }
      })
    },
    { prefix: '/_/oidc' },
  )
}

/** What the OpenAPI document says of them; they stand beside the API, not in it. */
export function trustedPublishingPaths(publicUrl: string): Paths {
  const common = { servers: [{ url: publicUrl }], tags: ['Trusts'], security: [{}], parameters: [] }
  const answer = (properties: object) => ({
    content: { 'application/json': { schema: { type: 'object', properties } } },
  })
  const text = { type: 'string' }
  const audience = { description: 'As asked', ...answer({ audience: text }) }
  const minted = { description: 'As asked', ...answer({ success: { const: true }, token: text }) }
  const refused = {
    description: 'Not accepted',
    ...answer({ message: text, errors: { type: 'array', items: { type: 'object' } } }),
  }
  const body = {
    'application/json': { schema: { type: 'object', required: ['token'], properties: { token: text } } },
  }
  return {
    '/_/oidc/audience': {
      get: {
        ...common,
        operationId: 'getOidcAudience',
        summary: 'The audience that an ID token must have',
        responses: { 200: audience },
      },
    },
    '/_/oidc/mint-token': {
      post: {
        ...common,
        operationId: 'postOidcMintToken',
        summary: 'Exchange an ID token for a token of an hour',
        requestBody: { required: true, content: body },
        responses: { 200: minted, default: refused },
      },
    },
  }
}

/** The clients print the descriptions. */
function failed(body: unknown) {
  const { message, error } = body as { readonly message?: string; readonly error?: string }
  const description = message ?? error ?? ''
  return { message: 'Token request failed', errors: [{ code: 'invalid-token', description }] }
}
