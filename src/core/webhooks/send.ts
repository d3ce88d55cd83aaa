import type { WebhookRow } from '../../database/schema.ts'
import { unseal, UnsealError } from '../../lib/secrets.ts'
import type { Core } from '../core.ts'
import { EgressError } from '../egress/egress-error.ts'
import { signature, type Message } from './message.ts'

/** How a delivery ended: with an answer, or without one and why. */
export type Outcome =
  | { readonly status: number; readonly error: string | null }
  | { readonly status: null; readonly error: string }

const timeoutMs = 10_000
/** Nothing is made of the answer. */
const longestAnswer = 1024 * 1024

/** Sends one message once. */
export async function send(core: Core, hook: WebhookRow, { id, kind, body }: Message): Promise<Outcome> {
  const headers = {
    'content-type': 'application/json',
    'x-entrepot-event': kind,
    'x-entrepot-delivery': id,
  }
  try {
    const { status } = await core.egress.fetch({
      url: hook.url,
      method: 'POST',
      headers: { ...headers, ...signed(core, hook, body) },
      body,
      maxBytes: longestAnswer,
      timeoutMs,
      redirects: 0,
      lane: `webhook ${hook.id}`,
    })
    const isDone = status >= 200 && status < 300
    return { status, error: isDone ? null : `the receiver answered ${status}` }
  } catch (error) {
    const isKnown = error instanceof EgressError || error instanceof UnsealError
    if (isKnown) return { status: null, error: error.message.slice(0, 500) }
    throw error
  }
}

function signed(core: Core, hook: WebhookRow, body: string): Record<string, string> {
  if (hook.secret === null) return {}
  const secret = unseal(core.secretKey, hook.secret).toString('utf8')
  return { 'x-entrepot-signature': signature(secret, body, core.clock()) }
}
