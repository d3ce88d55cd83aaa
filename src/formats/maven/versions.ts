/**
 * Maven's version order (POM Reference, "Version Order Specification"; where prose and tool differ, the tool's answer:
 * Maven 3.8's `ComparableVersion`).
 *
 * A version is a list of numbers and words. A hyphen, and every change between digits and letters, opens a list
 * inside the list; what says nothing (`0`, `ga`, `final`, `release`) at the end of a list is left out.
 */
import { matching } from '../handlers.ts'

/** A number (decimal digits without leading zeros; '' is zero), a qualifier, or what follows a hyphen. */
type Item = { readonly number: string } | { readonly word: string } | Item[]

/** The spelling is the identity: `1`, `1.0` and `1.0.0` are different packages. Throws `invalid`. */
export const normalizeVersion = matching('version', /^(?!.*\.\.)(?!\.)[\w+.-]+$/)

/** Maven's order; versions that Maven holds equal (1, 1.0) come in order of their text. */
export function compareVersions(a: string, b: string): number {
  return compareLists(parse(a), parse(b)) || compareTexts(a, b)
}

/** Ascending, as `compareVersions` says; each version is read only once. */
export function sortVersions(versions: readonly string[]): string[] {
  return versions
    .map((version) => ({ version, items: parse(version) }))
    .sort((a, b) => compareLists(a.items, b.items) || compareTexts(a.version, b.version))
    .map(({ version }) => version)
}

/** True for a version that is deployed again and again, each build with a time stamp of its own. */
export function isSnapshot(version: string): boolean {
  return /(?:^|-)SNAPSHOT$/.test(version)
}

/** True for snapshots, alphas, betas, milestones and release candidates. */
export function isPrerelease(version: string): boolean {
  return hasEarlyWord(parse(version))
}

function hasEarlyWord(items: readonly Item[]): boolean {
  return items.some((item) =>
    Array.isArray(item) ? hasEarlyWord(item) : 'word' in item && rank(item.word) < rank(''),
  )
}

// ------------------------------------------------------------------ reading
const sameAs = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
])
const shortFor = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
])
/** A number, a word or nothing (which counts as zero), and the separator behind it, if any. */
const token = /(?:(\d+)|([^\d.-]+)|(?=[.-]))([.-]?)/g

function parse(version: string): Item[] {
  const lists: Item[][] = [[]]
  let list = lists[0]!
  const open = () => {
    const inner: Item[] = []
    list.push(inner)
    lists.push(inner)
    list = inner
  }
  for (const { 0: text, 1: digits = '', 2: word, 3: separator, index, input } of version
    .toLowerCase()
    .matchAll(token)) {
    const last = index + text.length === input.length
    if (word !== undefined && separator === '' && list.length > 0) open()
    list.push(
      word === undefined
        ? { number: digits.replace(/^0+/, '') }
        : { word: qualifier(word, separator === '' && !last) },
    )
    if (separator === '-' || (separator === '' && !last)) open()
  }
  for (const each of lists.toReversed()) trim(each)
  return lists[0]!
}

function qualifier(word: string, beforeDigit: boolean): string {
  return (beforeDigit ? shortFor.get(word) : undefined) ?? sameAs.get(word) ?? word
}

/** Leaves out what says nothing, from the end up to the first number or word that says something. */
function trim(list: Item[]): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const item = list[i]!
    if (isNothing(item)) list.splice(i, 1)
    else if (!Array.isArray(item)) return
  }
}

function isNothing(item: Item): boolean {
  if (Array.isArray(item)) return item.length === 0
  return ('number' in item ? item.number : item.word) === ''
}

// ------------------------------------------------------------------ comparing
const ranks = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']

/** Unknown words stand above all known ones. */
function rank(word: string): number {
  const at = ranks.indexOf(word)
  return at < 0 ? ranks.length : at
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  for (let i = 0; i < a.length || i < b.length; i++) {
    const order = compareItems(a[i], b[i])
    if (order !== 0) return order
  }
  return 0
}

function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -compareToNothing(b)
  if (b === undefined) return compareToNothing(a)
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  if ('number' in a && 'number' in b)
    return a.number.length - b.number.length || compareTexts(a.number, b.number)
  if ('word' in a && 'word' in b) return compareWords(a.word, b.word)
  return kind(a) - kind(b)
}

/** `1.qualifier` < `1-1` < `1.1` */
function kind(item: Item): number {
  return Array.isArray(item) ? 1 : 'word' in item ? 0 : 2
}

function compareToNothing(item: Item): number {
  if (!Array.isArray(item)) return 'word' in item ? compareWords(item.word, '') : item.number === '' ? 0 : 1
  for (const inner of item) {
    const order = compareToNothing(inner)
    if (order !== 0) return order
  }
  return 0
}

function compareWords(a: string, b: string): number {
  return rank(a) - rank(b) || compareTexts(a, b)
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
