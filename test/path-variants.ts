/** Other spellings of an address: what a proxy, a router or a file system might take for the same. */
import fc from 'fast-check'

/** Changes an address at a place; the number says where. */
type Change = (path: string, at: number) => string

const slashes = [
  '//',
  '%2f',
  '%2F',
  '/./',
  '/%2e/',
  '/x/../',
  '/%2e%2e/',
  '%5c',
  '\\',
  '/;/',
  '%252f',
  '%c0%af',
]
const ends = [
  '/',
  '//',
  '%2f',
  '/.',
  '/%2e',
  '/..',
  '%20',
  '.',
  '.json',
  ';a=b',
  '?',
  '??',
  '%00',
  '%0a',
  '%23',
  '#x',
  '&',
]
const starts = ['/', '/.', '/%2e', '/%2f', '/x/..', '/\\', '/%5c']
/** Nothing to see, or looking like a letter. */
const unicode = [
  '%e2%80%8b',
  '%c2%ad',
  '%ef%bb%bf',
  '%cc%81',
  '%ef%bd%81',
  '%e2%84%aa',
  '%d0%b0',
  '%e2%80%ae',
  '%ff',
]

const changes: readonly Change[] = [
  ...slashes.map(
    (text): Change =>
      (path, at) =>
        atPlace(path, /\//g, at, () => text),
  ),
  ...ends.map(
    (text): Change =>
      (path) =>
        path + text,
  ),
  ...starts.map(
    (text): Change =>
      (path) =>
        text + path,
  ),
  ...unicode.map(
    (text): Change =>
      (path, at) =>
        atPlace(path, /[a-z]/gi, at, (letter) => letter + text),
  ),
  ...unicode.map(
    (text): Change =>
      (path, at) =>
        atPlace(path, /[a-z]/gi, at, () => text),
  ),
  (path, at) => atPlace(path, /[a-z]/gi, at, (letter) => letter.toUpperCase()),
  (path) => path.toUpperCase(),
  (path, at) => atPlace(path, /[^/%]/g, at, escaped),
  (path, at) => atPlace(path, /[^/%]/g, at, (letter) => escaped(letter).toUpperCase()),
  (path, at) => atPlace(path, /[^/%]/g, at, (letter) => escaped(letter).replace('%', '%25')),
  (path, at) => atPlace(path, /%/g, at, () => '%25'),
]

const escaped = (letter: string) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`

/** Replaces one of the places that match, counted round. */
function atPlace(path: string, places: RegExp, at: number, change: (found: string) => string): string {
  const found = [...path.matchAll(places)]
  const one = found[at % Math.max(1, found.length)]
  return one ? path.slice(0, one.index) + change(one[0]) + path.slice(one.index + one[0].length) : path
}

/** One of the addresses with one to three changes. */
export function variantOf(
  addresses: readonly string[],
): fc.Arbitrary<{ canonical: string; variant: string }> {
  const change = fc.tuple(fc.constantFrom(...changes), fc.nat(60))
  return fc
    .tuple(fc.constantFrom(...addresses), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([canonical, steps]) => ({
      canonical,
      variant: steps.reduce((path, [step, at]) => step(path, at), canonical),
    }))
}
