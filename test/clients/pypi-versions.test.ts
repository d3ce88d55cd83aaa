/** Versions and names are what Python's own library takes them for, on thousands of generated ones. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readFileName } from '../../src/formats/pypi/file-names.ts'
import { readName } from '../../src/formats/pypi/names.ts'
import {
  compareVersions,
  isPrerelease,
  normalizeVersion,
  readVersion,
} from '../../src/formats/pypi/versions.ts'
import { python } from './support/python-clients.ts'
import { story, type Home } from './support/story.ts'

const seed = 20_251_125
const digits = fc.oneof(
  fc.constantFrom('0', '1', '00', '01', '10', '2025', '18446744073709551616'),
  fc.nat(30).map(String),
)
const separator = fc.constantFrom('', '.', '-', '_')
const some = <T>(value: fc.Arbitrary<T>, nothing: T) => fc.oneof(fc.constant(nothing), value)
const joined = (...pieces: readonly fc.Arbitrary<string>[]) =>
  fc.tuple(...pieces).map((texts) => texts.join(''))
const word = (...words: readonly string[]) =>
  joined(separator, fc.constantFrom(...words), separator, some(digits, ''))

/** Mostly versions, in all their spellings. */
const version = joined(
  fc.constantFrom('', '', '', 'v', 'V'),
  some(
    digits.map((text) => `${text}!`),
    '',
  ),
  fc.array(digits, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
  some(word('a', 'b', 'c', 'rc', 'ALPHA', 'Beta', 'pre', 'preview'), ''),
  some(
    fc.oneof(
      word('post', 'rev', 'r'),
      digits.map((text) => `-${text}`),
    ),
    '',
  ),
  some(word('dev', 'DEV'), ''),
  some(
    fc
      .array(fc.oneof(digits, fc.constantFrom('a', 'B', 'ubuntu', '1a', 'a1')), {
        minLength: 1,
        maxLength: 3,
      })
      .chain((parts) => fc.constantFrom('.', '-', '_').map((mark) => `+${parts.join(mark)}`)),
    '',
  ),
)
/** The same with something changed, which mostly makes it none. */
const broken = fc
  .tuple(version, fc.nat(20), fc.constantFrom('', '.', '-', '+', '!', 'x', ' ', '..', '*', 'ß', '\n'))
  .map(([text, at, more]) => text.slice(0, at) + more + text.slice(at + 1))
const name = fc.string({ unit: fc.constantFrom('a', 'B', '7', '-', '_', '.', ' ', 'é'), maxLength: 12 })

const script = `
import json, sys
from packaging.utils import canonicalize_name, canonicalize_version, parse_wheel_filename
from packaging.version import Version, InvalidVersion
given = json.load(open(sys.argv[1]))
def version(text):
    try:
        parsed = Version(text)
    except InvalidVersion:
        return None
    return [str(parsed), canonicalize_version(parsed), parsed.is_prerelease]
def name(text):
    try:
        return canonicalize_name(text, validate=True)
    except Exception:
        return None
def wheel(text):
    try:
        found = parse_wheel_filename(text)
    except Exception:
        return None
    return [str(found[0]), str(found[1])]
known = sorted((v for v in given["versions"] if version(v)), key=Version)
groups = []
for text in known:
    if groups and Version(groups[-1][0]) == Version(text): groups[-1].append(text)
    else: groups.append([text])
json.dump({"versions": [version(v) for v in given["versions"]], "groups": groups,
    "names": [name(n) for n in given["names"]], "wheels": [wheel(w) for w in given["wheels"]]}, sys.stdout)
`

interface Answers {
  readonly versions: readonly (readonly [normal: string, canonical: string, pre: boolean] | null)[]
  /** Ascending; those in one group are equal. */
  readonly groups: readonly (readonly string[])[]
  readonly names: readonly (string | null)[]
  readonly wheels: readonly (readonly [name: string, version: string] | null)[]
}

async function askPython(home: Home, given: object): Promise<Answers> {
  const file = home.write('given.json', JSON.stringify(given))
  const { stdout } = await python(home, ['-c', script, file])
  return JSON.parse(stdout) as Answers
}

/** Python strips white space around versions and knows digits of other scripts; neither is taken here. */
const isPlain = (text: string) => text === text.trim()

story('PEP 440 and PEP 503 as the library packaging reads them', ['client-python'], async (home) => {
  console.log(`seed ${seed}`)
  const versions = [
    ...fc.sample(version, { seed, numRuns: 6000 }),
    ...fc.sample(broken, { seed, numRuns: 4000 }),
  ].filter(isPlain)
  const names = fc.sample(name, { seed, numRuns: 2000 })
  const wheels = versions
    .slice(0, 500)
    .map((text) => `some_name-${text}-py3-none-any.whl`)
    .filter((file) => !file.includes('_-'))
  const answers = await askPython(home, { versions, names, wheels })
  assert.ok(answers.versions.filter((answer) => answer === null).length > 500)
  for (const [at, text] of versions.entries()) {
    const [normal, canonical, isPre] = answers.versions[at] ?? []
    assert.equal(readVersion(text), normal, JSON.stringify(text))
    if (canonical === undefined) continue
    assert.equal(normalizeVersion(text), canonical, text)
    assert.equal(isPrerelease(text), isPre, text)
  }
  const order = answers.groups.map(([first = ''], rank) => ({ first, rank }))
  for (const group of answers.groups)
    for (const text of group) assert.equal(compareVersions(group[0]!, text), 0, `${group[0]} and ${text}`)
  for (let at = 1; at < order.length; at++) {
    assert.ok(
      compareVersions(order[at - 1]!.first, order[at]!.first) < 0,
      `${order[at - 1]!.first} < ${order[at]!.first}`,
    )
    const other = order[(at * 7919) % order.length]!
    assert.equal(Math.sign(compareVersions(other.first, order[at]!.first)), Math.sign(other.rank - at))
  }
  for (const [at, text] of names.entries()) assert.equal(readName(text) ?? null, answers.names[at], text)
  for (const [at, file] of wheels.entries()) {
    const found = readFileName(file)
    if (found) assert.deepEqual([found.name, found.version], answers.wheels[at], file)
  }
})
