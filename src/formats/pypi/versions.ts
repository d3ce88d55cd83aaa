/**
 * Versions as PEP 440 ("Version Identification and Dependency Specification") reads, writes and orders them:
 * `[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]`.
 */
import type { VersionRules } from '../format.ts'
import { invalid } from '../../lib/problem.ts'

/** Numbers are decimal digits without leading zeros, of any length. */
interface Version {
  readonly epoch: string
  readonly release: readonly string[]
  readonly pre?: readonly [letter: 'a' | 'b' | 'rc', number: string]
  readonly post?: string
  readonly dev?: string
  readonly local?: readonly string[]
}

const grammar = new RegExp(
  [
    '^v?',
    '(?:(?<epoch>[0-9]+)!)?',
    '(?<release>[0-9]+(?:\\.[0-9]+)*)',
    '(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>[0-9]+)?)?',
    '(?:-(?<implicit>[0-9]+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>[0-9]+)?)?',
    '(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>[0-9]+)?)?',
    '(?:\\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$',
  ].join(''),
  'i',
)
const maxLength = 200

const parsed = new Map<string, Version>()
const mostParsed = 20_000

/** Undefined for anything that is no version. */
function parse(text: string): Version | undefined {
  const known = parsed.get(text)
  if (known) return known
  if (text.length > maxLength) return undefined
  const groups = grammar.exec(text)?.groups
  if (!groups) return undefined
  const version = versionOf(groups)
  if (parsed.size >= mostParsed) parsed.clear()
  parsed.set(text, version)
  return version
}

function versionOf(groups: Readonly<Record<string, string | undefined>>): Version {
  const { epoch = '0', release = '', pre, preNumber = '0', implicit, post, postNumber = '0' } = groups
  const { dev, devNumber = '0', local } = groups
  const isPost = post !== undefined || implicit !== undefined
  return {
    epoch: number(epoch),
    release: release.split('.').map(number),
    ...(pre !== undefined && { pre: [letterOf(pre.toLowerCase()), number(preNumber)] as const }),
    ...(isPost && { post: number(implicit ?? postNumber) }),
    ...(dev !== undefined && { dev: number(devNumber) }),
    ...(local !== undefined && { local: local.toLowerCase().split(/[-_.]/).map(localSegment) }),
  }
}

const number = (digits: string) => digits.replace(/^0+(?=[0-9])/, '')
const isNumber = (segment: string) => /^[0-9]+$/.test(segment)
const localSegment = (segment: string) => (isNumber(segment) ? number(segment) : segment)

function letterOf(word: string): 'a' | 'b' | 'rc' {
  if (word === 'a' || word === 'alpha') return 'a'
  return word === 'b' || word === 'beta' ? 'b' : 'rc'
}

function write({ epoch, release, pre, post, dev, local }: Version): string {
  return [
    epoch === '0' ? '' : `${epoch}!`,
    release.join('.'),
    pre ? pre.join('') : '',
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local ? `+${local.join('.')}` : '',
  ].join('')
}

/** Zeros at the end of a release say nothing: 1.0 is 1. */
function trimmed(release: readonly string[]): readonly string[] {
  return release.slice(0, Math.max(1, release.findLastIndex((part) => part !== '0') + 1))
}

/** PEP 440's normal form: `1.0-RC1` is `1.0rc1`. Undefined for what is no version. */
export function readVersion(text: string): string | undefined {
  const version = parse(text)
  const normal = version && write(version)
  return normal !== undefined && normal.length <= maxLength ? normal : undefined
}

/** The same; throws 400 for what is no version. */
export function normalForm(text: string): string {
  const normal = readVersion(text)
  if (normal === undefined)
    throw invalid(`version ${JSON.stringify(text.slice(0, 100))} is not a version of PEP 440`)
  return normal
}

/** What equal versions share: the normal form without zeros at the end of the release. Throws 400. */
export function normalizeVersion(text: string): string {
  const version = parse(normalForm(text))!
  return write({ ...version, release: trimmed(version.release) })
}

/** PEP 440's order: 1.0.dev1 < 1.0a1.dev1 < 1.0a1 < 1.0rc1 < 1.0 < 1.0+local < 1.0.post1.dev1 < 1.0.post1. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)]
  if (!left || !right) throw invalid(`${left ? b : a} is not a version of PEP 440`)
  return (
    compareNumbers(left.epoch, right.epoch) ||
    compareReleases(left.release, right.release) ||
    comparePre(left, right) ||
    compareNumbers(left.post ?? '', right.post ?? '') ||
    compareDev(left.dev, right.dev) ||
    compareLocal(left.local ?? [], right.local ?? [])
  )
}

/** By value; nothing comes before zero. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareTexts(a, b)
}

const compareTexts = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function compareReleases(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareNumbers(a[at] ?? '0', b[at] ?? '0')
    if (order !== 0) return order
  }
  return 0
}

/** A development release of the version itself comes before its pre-releases, all else after them. */
function comparePre(a: Version, b: Version): number {
  const rank = ({ pre, post, dev }: Version) => {
    if (pre) return ['a', 'b', 'rc'].indexOf(pre[0])
    return post === undefined && dev !== undefined ? -1 : 3
  }
  return rank(a) - rank(b) || compareNumbers(a.pre?.[1] ?? '', b.pre?.[1] ?? '')
}

/** A development release comes before what it leads to. */
function compareDev(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return compareNumbers(a, b)
}

/** Words come before numbers, and what ends before what goes on. */
function compareLocal(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [left, right] = [a[at]!, b[at]!]
    const order =
      Number(isNumber(left)) - Number(isNumber(right)) ||
      (isNumber(left) ? compareNumbers(left, right) : compareTexts(left, right))
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Whether installers pass it over unless asked for it. */
export function isPrerelease(text: string): boolean {
  const version = parse(text)
  return version?.pre !== undefined || version?.dev !== undefined
}

export const versionRules: VersionRules = {
  normalize: normalizeVersion,
  compare: compareVersions,
  isPrerelease,
}
