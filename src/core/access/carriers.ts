/** How a token travels in a request, and which kinds of token may come which way. */
import { unauthorized } from '../../lib/problem.ts'
import type { Machine, Person } from './principal.ts'

/** `format`: a carrier that one format's clients have for themselves. */
export type Carrier = 'private-token' | 'job-token' | 'deploy-token' | 'bearer' | 'basic' | 'format'
/** A token as it was presented. */
export interface Credential {
  readonly token: string
  readonly carrier: Carrier
  /** The user name beside it; Basic alone has one. */
  readonly username?: string
}
type Headers = Readonly<Record<string, string | undefined>>

/** What answers vary by, for caches. */
export const credentialHeaders = 'Authorization, Private-Token, Job-Token, Deploy-Token'
const ownHeaders = ['private-token', 'job-token', 'deploy-token'] as const

/**
 * The token among the carriers that work on every route. Of several the first counts: PRIVATE-TOKEN, JOB-TOKEN,
 * Deploy-Token, then Authorization (Bearer, or Basic with the token as the password). Empty ones are not there.
 */
export function credentialFrom(headers: Headers): Credential | undefined {
  for (const carrier of ownHeaders) {
    const token = headers[carrier]
    if (token) return { token, carrier }
  }
  return headers['authorization'] ? fromAuthorization(headers['authorization']) : undefined
}

function fromAuthorization(authorization: string): Credential | undefined {
  const [scheme = '', rest = ''] = split(authorization.trim(), ' ')
  const value = rest.trim()
  if (value === '') return undefined
  if (scheme.toLowerCase() === 'bearer') return { token: value, carrier: 'bearer' }
  if (scheme.toLowerCase() !== 'basic') return undefined
  const [username, password] = split(Buffer.from(value, 'base64').toString('utf8'), ':')
  // Some clients can only send one word and put the token where the user name goes.
  const token = password || username
  return token === '' ? undefined : { token, carrier: 'basic', username }
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

/** The user name that GitLab's jobs have. */
export const jobUsername = 'gitlab-ci-token'

type Kind = 'access' | 'job' | 'deploy'

/** Throws 401, saying which carrier to use, where a valid token came in one that is not for its kind. */
export function checkCarrier(caller: Person | Machine, { carrier, username }: Credential): void {
  const kind = kindOf(caller)
  if (carrier === 'bearer' || carrier === 'format') return
  if (carrier === 'basic') return checkUsername(caller, kind, username)
  if (carrier !== headerOf[kind]) throw unauthorized(`401 Unauthorized - ${advice[kind]}`)
}

function kindOf(caller: Person | Machine): Kind {
  if (caller.kind === 'user') return 'access'
  if (caller.what === 'job_token') return 'job'
  return caller.what === 'deploy_token' ? 'deploy' : 'access'
}

const headerOf: Readonly<Record<Kind, Carrier>> = {
  access: 'private-token',
  job: 'job-token',
  deploy: 'deploy-token',
}
const advice: Readonly<Record<Kind, string>> = {
  access: 'this token comes in the header PRIVATE-TOKEN, as Bearer, or as a Basic password',
  job: `a job token comes in the header JOB-TOKEN, as Bearer, or as the Basic password of ${jobUsername}`,
  deploy:
    'a deploy token comes in the header Deploy-Token, as Bearer, or as the Basic password of its own user name',
}

function checkUsername(caller: Person | Machine, kind: Kind, username: string | undefined): void {
  const isOfJobs = username === jobUsername
  const fits = kind === 'job' || (kind === 'deploy' ? username === caller.username : !isOfJobs)
  if (fits) return
  const why =
    kind === 'access' ? `the user name ${jobUsername} is for job tokens; any other will do` : advice[kind]
  throw unauthorized(`401 Unauthorized - ${why}`)
}
