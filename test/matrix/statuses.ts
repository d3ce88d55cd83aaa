/** How each way in words a refusal: by hand, from the same rules as the table. */
import { expected, restScopes, type Openness, type Outcome } from './expected.ts'
import type { Case } from './case.ts'
import type { FormatCase } from '../../src/formats/testing/access-cases.ts'
import type { Principal } from './principals.ts'

/** `ok`: let in. `list`: let in, to what this caller may see of it, which is not the thing. `no`: refused,
 *  however. */
export type Wanted = 'ok' | 'list' | 'no' | number

const scopesOf = ({ scopes }: Principal) => scopes ?? (['api'] as const)

type On = NonNullable<Case['on']>

function outcome(may: Case['may'], on: On, who: Principal, openness: Openness): Outcome {
  if (may === 'nothing') return 'allowed'
  if (may === 'nobody') return 'hidden'
  if (may === 'token') return who.project === 'anonymous' ? 'refused' : 'allowed'
  if (may === 'person') return who.isPerson ? 'allowed' : 'refused'
  return expected(may, who[on], openness, scopesOf(who))
}

/** Group and instance gather: whoever reads something below comes in, and whoever may see the group itself. */
export function entersGroup(who: Principal, openness: Openness): boolean {
  const reads = expected('read_packages', who.below, openness, scopesOf(who)) === 'allowed'
  return reads || expected('see', who.group, openness, scopesOf(who)) === 'allowed'
}

const isAnonymous = ({ project, isPerson, scopes }: Principal) =>
  project === 'anonymous' && !isPerson && scopes === undefined

/** Package routes ask those for a credential who showed none; others read 404 for what is hidden, else 403. */
export function packageStatus(
  one: Pick<FormatCase, 'may' | 'isList'>,
  level: 'project' | 'group' | 'instance',
  who: Principal,
  openness: Openness,
): Wanted {
  if (one.may === 'nothing') return 'ok'
  if (!who.isValid) return 401
  if (one.may === 'token') return isAnonymous(who) ? 401 : 'ok'
  if (level !== 'project') return gatheredStatus(one, level, who, openness)
  // Who may not even read here is refused as a reader.
  for (const permission of ['read_packages', one.may] as const) {
    const found = outcome(permission, 'project', who, openness)
    if (found === 'allowed') continue
    if (isAnonymous(who)) return 401
    return found === 'hidden' ? 404 : 403
  }
  return who.isForOtherNames && one.may !== 'read_packages' ? 403 : 'ok'
}

function gatheredStatus(
  { may, isList }: Pick<FormatCase, 'may' | 'isList'>,
  level: 'group' | 'instance',
  who: Principal,
  openness: Openness,
): Wanted {
  const missing = isAnonymous(who) ? 401 : 404
  if (level === 'group' && !entersGroup(who, openness)) return missing
  if (may !== 'read_packages') return 405
  if (outcome('read_packages', 'project', who, openness) === 'allowed') return 'ok'
  return isList ? 'list' : missing
}

/** REST: 401 where somebody is needed, 403 where the token's scopes do not reach, then as `refusedStatus`. */
export function restStatus(one: Case, who: Principal, openness: Openness): Wanted {
  if (one.may === 'nobody') return 'no'
  if (!who.isValid) return 401
  const isReading = one.route.startsWith('GET ')
  const scope = one.scope ?? (isReading ? 'read' : 'write')
  if (isAnonymous(who) && scope === 'write') return 401
  if (who.isJob && !one.forJobs && scope !== 'none') return 403
  if (scope !== 'none' && who.scopes && !who.scopes.some((held) => restScopes[scope].includes(held)))
    return 403
  return refusedStatus(one, who, openness) ?? 'ok'
}

function refusedStatus(one: Case, who: Principal, openness: Openness): Wanted | undefined {
  const { first, on = 'project' } = one
  if (first === 'somebody' && isAnonymous(who)) return 401
  if (first === 'group' && !entersGroup(who, openness)) return 404
  if (first === 'read') {
    const read = outcome('read_packages', 'project', who, openness)
    if (read !== 'allowed') return read === 'hidden' ? 404 : 403
  }
  if (first?.startsWith('find')) {
    const isBelow = on !== 'project' || first === 'find below'
    const seen = outcome('find', isBelow ? 'below' : 'project', who, openness)
    if (seen !== 'allowed') return 404
  }
  if (first?.endsWith('person') && !who.isPerson) return isAnonymous(who) ? 401 : 403
  const may = one.isOwnersOnly && !who.isPerson ? 'delete' : one.may
  const found = outcome(may, on, who, openness)
  if (found === 'allowed') return isBarred(one, who) ? 403 : undefined
  if (one.isList) return 'list'
  if (one.may === 'person' || one.may === 'token') return isAnonymous(who) ? 401 : 403
  const isKnown = one.isKnown || first === 'read'
  return (found === 'hidden' && !isKnown) || one.isSecret ? 404 : 403
}

/** Has the role, and may not all the same. */
function isBarred(one: Case, who: Principal): boolean {
  if (one.isForPeople) return !who.isPerson
  return who.isForOtherNames && one.changes !== undefined && one.may !== 'nothing'
}

/** The web sends those who are not signed in to the sign-in page, and ignores tokens. */
export function webStatus(one: Case, who: Principal, openness: Openness): Wanted {
  if (one.may === 'nothing') return 'ok'
  if (one.may === 'nobody') return 'no'
  const found = refusedStatus(one, who, openness)
  if (found === undefined || found === 'list') return found ?? 'ok'
  return isAnonymous(who) ? 303 : found
}
