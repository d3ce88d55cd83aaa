import type { TokenRow, TrustRow, UserRow } from '../../database/schema.ts'
import type { Machine, Person, Scope } from './principal.ts'

/** Who a valid token makes its bearer; undefined where the user is blocked or the trust is gone. */
export function asBearer(
  token: TokenRow,
  user: UserRow | undefined,
  trust: TrustRow | undefined,
): Person | Machine | undefined {
  if (token.kind === 'personal') return user && asPerson(token, user)
  // A job is judged by its trust as it is now, not as it was when the token was made.
  if (token.kind === 'job') return trust && asMachine({ ...token, ...standingOf(trust) }, trust.name_patterns)
  return asMachine(token, null)
}

function asPerson(token: TokenRow, user: UserRow): Person | undefined {
  if (user.state !== 'active') return undefined
  const { id: userId, username } = user
  return { kind: 'user', userId, username, admin: user.admin === 1, token: presented(token) }
}

const standingOf = ({ group_id, project_id, role, scopes }: TrustRow) => ({
  group_id,
  project_id,
  role,
  scopes,
})

const kinds = {
  project: 'project_token',
  group: 'group_token',
  deploy: 'deploy_token',
  job: 'job_token',
} as const

function asMachine(token: TokenRow, namePatterns: string | null): Machine {
  const { kind, group_id, project_id, role, username } = token
  if (kind === 'personal' || role === null) throw new Error(`token ${token.id} has no role`)
  return {
    kind: 'machine',
    what: kinds[kind],
    username: username ?? `${kind}_${project_id ?? group_id}_token_${token.id}`,
    token: presented(token),
    at: project_id === null ? { groupId: group_id! } : { projectId: project_id },
    role,
    ...(namePatterns === null ? {} : { namePatterns: JSON.parse(namePatterns) as string[] }),
  }
}

const presented = ({ id, scopes }: TokenRow) => ({ id, scopes: scopes.split(' ') as Scope[] })
