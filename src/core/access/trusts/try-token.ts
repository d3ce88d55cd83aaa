/** Tells what would become of an ID token at one trust, without using it up. */
import type { TrustRow } from '../../../database/schema.ts'
import { Problem } from '../../../lib/problem.ts'
import type { Core } from '../../core.ts'
import { judge, type Claims, type Conditions, type Judged } from './conditions.ts'
import { readClaims, verifyIdToken } from './id-token.ts'

export interface Verdict {
  readonly accepted: boolean
  /** What is wrong first; undefined: nothing. */
  readonly reason: string | undefined
  readonly conditions: readonly Judged[]
  readonly claims: Claims
}

/** Judges a token as the exchange would; what is no token at all is not accepted and claims nothing. */
export async function tryIdToken(
  core: Core,
  trust: TrustRow,
  text: string,
  audience = core.config.publicUrl,
): Promise<Verdict> {
  const claims = await readClaims(text).catch((error: unknown) => {
    if (error instanceof Problem) return reasonOf(error)
    throw error
  })
  if (typeof claims === 'string') return { accepted: false, reason: claims, conditions: [], claims: noClaims }
  const conditions = judge(JSON.parse(trust.conditions) as Conditions, claims)
  const reason = (await wrongToken(core, trust, text, claims.iss, audience)) ?? unmet(conditions)
  return { accepted: reason === undefined, reason, conditions, claims }
}

async function wrongToken(
  core: Core,
  trust: TrustRow,
  text: string,
  issuer: string,
  audience: string,
): Promise<string | undefined> {
  if (issuer !== trust.issuer) return `its issuer is ${issuer}, the trust is in ${trust.issuer}`
  try {
    const { fingerprint } = await verifyIdToken(core, text, [audience])
    const used = await core.database.read
      .selectFrom('used_id_tokens')
      .select('hash')
      .where('hash', '=', fingerprint)
      .executeTakeFirst()
    return used && 'it was exchanged before'
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return reasonOf(error)
  }
}

const noClaims = { iss: '' } as Claims

const reasonOf = ({ message }: Problem) =>
  message.replace(/^\d+ \w[\w ]* - (the ID token is not accepted: )?/, '')

function unmet(conditions: readonly Judged[]): string | undefined {
  const failed = conditions.find(({ met }) => !met)
  if (!failed) return undefined
  const { claim, pattern, value } = failed
  return value === undefined
    ? `it has no claim ${claim}, which must be ${pattern}`
    : `its claim ${claim} is ${value}, which does not match ${pattern}`
}
