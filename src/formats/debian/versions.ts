/** Debian's versions, `[epoch:]upstream[-revision]` (Debian Policy 5.6.12, deb-version(7)), in the order of dpkg. */
import type { VersionRules } from '../format.ts'
import { invalid } from '../../lib/problem.ts'

export interface DebianVersion {
  /** Decimal digits; undefined where none is written, which means 0. */
  readonly epoch: string | undefined
  readonly upstream: string
  /** Undefined where none is written, which means 0. */
  readonly revision: string | undefined
}

const epochRule = /^[0-9]{1,10}$/
/** A colon in it would be the end of an epoch, if there is none. */
const upstreamRule = /^[0-9][A-Za-z0-9.+~:-]*$/
const revisionRule = /^[A-Za-z0-9.+~]+$/
const maxLength = 200
const maxEpoch = 2_147_483_647

/** Undefined for what is no version. */
export function readVersion(text: string): DebianVersion | undefined {
  if (text.length > maxLength) return undefined
  const colon = text.indexOf(':')
  const hyphen = text.lastIndexOf('-')
  const epoch = colon < 0 ? undefined : text.slice(0, colon)
  const revision = hyphen < 0 ? undefined : text.slice(hyphen + 1)
  const upstream = text.slice(colon + 1, hyphen < 0 ? undefined : hyphen)
  const isGood =
    upstreamRule.test(upstream) &&
    (epoch === undefined || (epochRule.test(epoch) && Number(epoch) <= maxEpoch)) &&
    (revision === undefined || revisionRule.test(revision))
  return isGood ? { epoch, upstream, revision } : undefined
}

/** The same; throws 400. */
export function versionOf(text: string): DebianVersion {
  const version = readVersion(text)
  if (!version) {
    throw invalid(
      `version ${JSON.stringify(text.slice(0, 100))} is not allowed: [epoch:]upstream[-revision], of letters, digits and '.+~-', the upstream version beginning with a digit`,
    )
  }
  return version
}

/** As file names say a version: without its epoch. Throws 400. */
export function withoutEpoch(text: string): string {
  const { upstream, revision } = versionOf(text)
  return revision === undefined ? upstream : `${upstream}-${revision}`
}

/**
 * What versions share that are equal to dpkg: no epoch 0, no revision 0, no zeros before a number, and none behind a
 * letter or a plus at the end (`1.0b` is `1.0b0`). Throws 400.
 */
export function normalizeVersion(text: string): string {
  const { epoch = '0', upstream, revision } = versionOf(text)
  const head = withoutZeros(epoch)
  const tail = normalPart(revision ?? '0')
  const start = normalPart(upstream)
  const prefix = head === '0' && !start.includes(':') ? '' : `${head}:`
  // Without it, the last part of the upstream version would be read as the revision.
  return `${prefix}${start}${tail !== '0' || start.includes('-') ? `-${tail}` : ''}`
}

function normalPart(part: string): string {
  const numbers = part.replaceAll(/[0-9]+/g, withoutZeros)
  const bare = numbers.replace(/(?<=[^0-9])0$/, '')
  return /[A-Za-z0-9+]$/.test(bare) ? bare : `${bare}0`
}

const withoutZeros = (digits: string): string => digits.replace(/^0+(?=[0-9])/, '')

/** The order of dpkg: `1.0~rc1` < `1.0` < `1.0a` < `1.0+b` < `1.0.1` < `1:0.1`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionOf(a), versionOf(b)]
  return (
    compareNumbers(left.epoch ?? '', right.epoch ?? '') ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision ?? '', right.revision ?? '')
  )
}

const piece = /([^0-9]*)([0-9]*)/y

/** Text and numbers take turns. */
function compareParts(a: string, b: string): number {
  for (let [atA, atB] = [0, 0]; atA < a.length || atB < b.length;) {
    const [allA, textA, numberA] = pieceAt(a, atA)
    const [allB, textB, numberB] = pieceAt(b, atB)
    const order = compareTexts(textA, textB) || compareNumbers(numberA, numberB)
    if (order !== 0) return order
    atA += allA.length
    atB += allB.length
  }
  return 0
}

function pieceAt(part: string, at: number): readonly [all: string, text: string, number: string] {
  piece.lastIndex = at
  const [all, text, number] = piece.exec(part)!
  return [all, text!, number!]
}

/** A tilde comes before the end, letters come before all else. */
function compareTexts(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = weight(a[at]) - weight(b[at])
    if (order !== 0) return order
  }
  return 0
}

function weight(character: string | undefined): number {
  if (character === undefined) return 0
  if (character === '~') return -1
  return character.charCodeAt(0) + (/[A-Za-z]/.test(character) ? 0 : 256)
}

/** By value, of any length. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return left.length - right.length || (left < right ? -1 : Number(left > right))
}

/**
 * A tilde in the upstream version, but where it says what the same software was built for (packages without a revision
 * have that there: `13.3.3~bpo10+1`, `1.0~ubuntu22.04`, `1.0~22.04`), how its source was packed (`8.0~repack`), or which
 * versions its parts have (`3.6.1+dfsg+~3.5.14`).
 */
const earlySoftware =
  /(?<!\+)~+(?!~|bpo|deb[0-9]|debian|ubuntu|[0-9]{2}\.(?:0?4|10)(?![0-9])|dfsg|repack|ds(?![a-z]))/
/** In a revision it tells builds of one software apart; these words say of a build that it comes before its revision. */
const earlyBuild = /~(?:exp|alpha|beta|pre|rc|dev)/

/** Whether the software, or the packaging of it, was not released yet. Throws 400 for what is no version. */
export function isPrerelease(text: string): boolean {
  const { upstream, revision } = versionOf(text)
  return earlySoftware.test(upstream) || (revision !== undefined && earlyBuild.test(revision))
}

export const versionRules: VersionRules = {
  normalize: normalizeVersion,
  compare: compareVersions,
  isPrerelease,
}
