/** What is remembered between leaving for the provider and coming back: sealed, in a cookie of ten minutes. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { seal, unseal, UnsealError } from '../../../lib/secrets.ts'
import type { Core } from '../../core.ts'

export interface Flow {
  readonly state: string
  readonly nonce: string
  /** PKCE's code verifier (RFC 7636). */
  readonly verifier: string
  /** Where to go afterwards: a path of ours. */
  readonly goal: string
  /** The secret of the invitation that is being accepted. */
  readonly invitation?: string | undefined
}

/** In milliseconds. */
export const flowMs = 10 * 60_000

const secret = () => randomBytes(32).toString('base64url')

const shape = z.strictObject({
  for: z.literal('sso'),
  until: z.number(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  goal: z.string(),
  invitation: z.string().optional(),
})

export function newFlow(goal: string, invitation?: string): Flow {
  return { state: secret(), nonce: secret(), verifier: secret(), goal, invitation }
}

/** The cookie's value. */
export function sealFlow({ secretKey, clock }: Pick<Core, 'secretKey' | 'clock'>, flow: Flow): string {
  return seal(secretKey, JSON.stringify({ for: 'sso', until: clock() + flowMs, ...flow }))
}

/** The flow in a cookie; undefined for what is too old or was not made by us. */
export function openFlow(
  { secretKey, clock }: Pick<Core, 'secretKey' | 'clock'>,
  cookie: string,
): Flow | undefined {
  try {
    const { until, for: _, ...flow } = shape.parse(JSON.parse(unseal(secretKey, cookie).toString()))
    return until > clock() ? flow : undefined
  } catch (error) {
    if (error instanceof UnsealError || error instanceof z.ZodError || error instanceof SyntaxError)
      return undefined
    throw error
  }
}
