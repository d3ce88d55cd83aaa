/** Which versions of a name its rules let go, and why each of the others stays. No clock, no database. */
import type { RetentionRuleRow } from '../../database/schema.ts'
import type { VersionRules } from '../../formats/format.ts'
import { matchesPattern } from '../access/patterns.ts'
import type { RetainedVersion } from '../records/retained.ts'

const day = 86_400_000

export interface Verdict {
  readonly version: RetainedVersion
  readonly goes: boolean
  /** The rule that lets it go, would do so if nothing held it, or keeps it; undefined: none is about it. */
  readonly rule: RetentionRuleRow | undefined
  readonly reason: string
}

/** What is judged: one name with the rules that are about it. */
export interface Judged {
  readonly rules: readonly RetentionRuleRow[]
  readonly order: VersionRules
  /** By first publication, the last one first. */
  readonly versions: readonly RetainedVersion[]
  /** The pattern of the protection rule that keeps the name from being removed. */
  readonly protectedBy: string | undefined
  readonly now: number
}

/**
 * A version goes if one of the rules lets it go, nothing holds it (a tag, a protection rule), and no rule without any
 * condition, which keeps what it is about, is about it.
 */
export function judge(judged: Judged): Verdict[] {
  const { order, versions } = judged
  const early = new Set(versions.filter(({ version_key: key }) => order.isPrerelease?.(key)))
  const opinions = judged.rules.map((rule) => opinionsOf(rule, judged, early))
  return versions.map((version) => {
    const about = opinions.map((of) => of(version)).filter((opinion) => opinion !== undefined)
    const decisive =
      about.find((opinion) => keepsAlways(opinion.rule)) ?? about.find(({ goes }) => goes) ?? about[0]
    if (!decisive) return { version, goes: false, rule: undefined, reason: 'no rule is about it' }
    const holds = decisive.goes ? heldBy(version, judged) : undefined
    return { version, ...decisive, ...(holds === undefined ? {} : { goes: false, reason: holds }) }
  })
}

function heldBy({ tags }: RetainedVersion, { protectedBy }: Judged): string | undefined {
  if (tags.length > 0) return `tagged ${tags.slice(0, 5).join(', ')}`
  return protectedBy === undefined ? undefined : `protected from removal by ${protectedBy}`
}

type Opinion = Omit<Verdict, 'version' | 'rule'> & { readonly rule: RetentionRuleRow }

const keepsAlways = (rule: RetentionRuleRow) => rule.keep_n === null && rule.older_than_days === null

function opinionsOf(
  rule: RetentionRuleRow,
  { order, versions, now }: Judged,
  early: ReadonlySet<RetainedVersion>,
): (version: RetainedVersion) => Opinion | undefined {
  const isEarly = (version: RetainedVersion) => early.has(version)
  const isAbout = (version: RetainedVersion) =>
    [version.version, version.version_key].some((text) => matchesPattern(rule.version_pattern, text)) &&
    (rule.stability === 'any' || isEarly(version) === (rule.stability === 'prerelease'))
  const about = versions.filter(isAbout)
  const newest = new Set<RetainedVersion>()
  if (rule.keep_n !== null) {
    // Apart, so that prereleases never push out releases.
    for (const some of [about.filter(isEarly), about.filter((one) => !isEarly(one))])
      for (const one of newestOf(some, rule.keep_n, order)) newest.add(one)
  }
  return (version) => (isAbout(version) ? opinionOn(version, rule, newest.has(version), now) : undefined)
}

function opinionOn(
  version: RetainedVersion,
  rule: RetentionRuleRow,
  isNewest: boolean,
  now: number,
): Opinion {
  const { keep_n: count, older_than_days: days } = rule
  if (keepsAlways(rule)) return { goes: false, rule, reason: 'the rule keeps it' }
  if (isNewest) return { goes: false, rule, reason: `among the ${count} newest` }
  const words = rule.age_from === 'download' ? 'downloaded or published' : 'published'
  if (days !== null && ageFrom(version, rule) > now - days * day)
    return { goes: false, rule, reason: `${words} within ${days} days` }
  const reasons = [
    ...(count === null ? [] : [`not among the ${count} newest`]),
    ...(days === null ? [] : [`not ${words} within ${days} days`]),
  ]
  return { goes: true, rule, reason: reasons.join(', ') }
}

function ageFrom(version: RetainedVersion, { age_from: from }: RetentionRuleRow): number {
  const { published_at: published, last_downloaded_at: downloaded } = version
  return from === 'download' ? Math.max(published, downloaded ?? 0) : published
}

/** The newest in the format's order, else the last published. Most of many versions cost one comparison each. */
function newestOf(
  versions: readonly RetainedVersion[],
  count: number,
  { compare }: VersionRules,
): readonly RetainedVersion[] {
  if (!compare) return versions.slice(0, count)
  const newest: RetainedVersion[] = []
  for (const version of versions) {
    const isNewer = (other: RetainedVersion) => compare(version.version_key, other.version_key) > 0
    if (newest.length === count && !isNewer(newest.at(-1)!)) continue
    const at = newest.findIndex(isNewer)
    newest.splice(at < 0 ? newest.length : at, 0, version)
    if (newest.length > count) newest.pop()
  }
  return newest
}
