/** What a trust asks of an ID token's claims. */
import { invalid } from '../../../lib/problem.ts'
import { matchesPattern } from '../patterns.ts'

/** By claim: a pattern in which `*` stands for any text. */
export type Conditions = Readonly<Record<string, string>>
export type Claims = Readonly<Record<string, unknown>>

/**
 * Claims that say whose job it is, by issuer: GitLab, GitHub and Gitea (Forgejo), Bitbucket, Buildkite, CircleCI,
 * Google, Azure, Kubernetes; `sub` is the job or account itself for all of them, Jenkins included.
 */
export const tenantClaims: readonly string[] = [
  'sub namespace_id namespace_path project_id project_path',
  'repository_owner_id repository_owner repository_id repository',
  'workspaceUuid repositoryUuid organization_id organization_slug organization pipeline_id',
  'oidc.circleci.com/org-id oidc.circleci.com/project-id email azp client_id tid oid',
  'kubernetes.io.namespace kubernetes.io.serviceaccount.name kubernetes.io.serviceaccount.uid',
].flatMap((line) => line.split(' '))
const mostConditions = 20
const longest = 1024
/** Checked on every token anyway. */
const reserved = new Set(['iss', 'aud', 'exp', 'iat', 'nbf', 'jti'])

/** Throws 400 unless these conditions can stand in a trust: few, short, and one of them pins the tenant. */
export function checkConditions(conditions: Conditions): void {
  const entries = Object.entries(conditions)
  if (entries.length > mostConditions) throw invalid(`conditions must name at most ${mostConditions} claims`)
  for (const [claim, pattern] of entries) {
    if (claim === '' || pattern === '') throw invalid('conditions must not have an empty claim or pattern')
    if (claim.length > longest || pattern.length > longest)
      throw invalid('conditions has a text that is too long')
    if (reserved.has(claim))
      throw invalid(`conditions must not name ${claim}: it is checked on every ID token`)
  }
  if (entries.some(([claim, pattern]) => tenantClaims.includes(claim) && !pattern.includes('*'))) return
  throw invalid(
    `conditions must say whose jobs are meant: one of ${tenantClaims.join(', ')} with a value without *`,
  )
}

/** How one condition fares with a token. */
export interface Judged {
  readonly claim: string
  readonly pattern: string
  /** What the token has, as text; undefined: no such claim. */
  readonly value: string | undefined
  readonly met: boolean
}

/** Every condition of a trust, judged. */
export function judge(conditions: Conditions, claims: Claims): Judged[] {
  return Object.entries(conditions).map(([claim, pattern]) => {
    const values = textsOf(claimAt(claims, claim))
    const met = values.some((value) => matchesPattern(pattern, value))
    return { claim, pattern, value: values.length === 0 ? undefined : values.join(', '), met }
  })
}

/** Whether the claims meet every condition; none at all lets nobody in. */
export function isMet(conditions: Conditions, claims: Claims): boolean {
  const judged = judge(conditions, claims)
  return judged.length > 0 && judged.every(({ met }) => met)
}

/**
 * A claim by its name, or by a path of names with dots between them: `kubernetes.io.namespace` is `namespace` in
 * `kubernetes.io`.
 */
function claimAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined
  if (Object.hasOwn(claims, path)) return (claims as Claims)[path]
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot)
    if (!Object.hasOwn(claims, name)) continue
    const found = claimAt((claims as Claims)[name], path.slice(dot + 1))
    if (found !== undefined) return found
  }
  return undefined
}

/** A claim with a list holds each of its texts. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (!Array.isArray(value)) return []
  return value.slice(0, 100).filter((one) => typeof one === 'string')
}
