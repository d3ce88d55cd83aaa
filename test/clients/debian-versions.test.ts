/** Our readers of Debian's versions and control files beside dpkg's own. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseParagraphs, type Paragraph } from '../../src/formats/debian/control.ts'
import { compareVersions, normalizeVersion, readVersion } from '../../src/formats/debian/versions.ts'
import { story, type Home } from './support/story.ts'

const seed = 20_240_607
const characters = fc.constantFrom(...'00012999abAZ.+~-:'.split(''))
const text = fc.array(characters, { maxLength: 10 }).map((all) => all.join(''))
const anyText = fc.oneof(
  text,
  text.map((rest) => `1${rest}`),
  text.map((rest) => `1:2${rest}`),
)
const version = anyText.filter((one) => readVersion(one) !== undefined)

/** Texts to what a Perl script prints of each, a line for a line. */
async function perl(home: Home, script: string, lines: readonly string[]): Promise<string[]> {
  const input = home.write('input', lines.map((line) => `${line}\n`).join(''))
  const { stdout } = await home.run('perl', [home.write('script.pl', script), input], { memoryMb: 1000 })
  const answers = stdout.trimEnd().split('\n')
  assert.equal(answers.length, lines.length)
  return answers
}

const comparing = `use strict; use warnings; use Dpkg::Version;
while (<>) { chomp; my ($left, $right) = split / /; print version_compare($left, $right), "\\n" }
`
story('versions are in the order that dpkg has them', ['dpkg', 'perl', 'dpkg-source'], async (home) => {
  const pairs = fc.sample(fc.tuple(version, version), { numRuns: 20_000, seed })
  const close = pairs.flatMap(([a, b]) => [a.slice(0, -1), `${a}0`, a + b].map((c) => [a, c] as const))
  const all = [...pairs, ...close].filter(([, b]) => readVersion(b) !== undefined)
  const answers = await perl(
    home,
    comparing,
    all.map((pair) => pair.join(' ')),
  )
  for (const [at, [a, b]] of all.entries()) {
    assert.equal(Math.sign(compareVersions(a, b)), Number(answers[at]), `${a} ${b}`)
    assert.equal(normalizeVersion(a) === normalizeVersion(b), Number(answers[at]) === 0, `${a} ${b}`)
  }
  assert.ok(answers.filter((answer) => answer === '0').length > 500)

  const few = all.filter((_, at) => at % 400 === 0)
  const shell =
    'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo 1; else echo 0; fi; done'
  home.write('few', few.map((pair) => `${pair.join(' ')}\n`).join(''))
  const { stdout } = await home.run('bash', ['-c', `${shell} <few`])
  const less = stdout.trimEnd().split('\n')
  for (const [at, [a, b]] of few.entries())
    assert.equal(compareVersions(a, b) < 0, less[at] === '1', `${a} ${b}`)
})

story('what is a version is one to dpkg', ['dpkg'], async (home) => {
  const texts = fc.sample(anyText, { numRuns: 1200, seed }).filter((one) => /^[^+]/.test(one))
  home.write('texts', texts.map((one) => `${one}\n`).join(''))
  const loop = 'while read -r a; do if dpkg --validate-version -- "$a"; then echo 1; else echo 0; fi; done'
  const { stdout } = await home.run('bash', ['-c', `${loop} <texts 2>errors`])
  const answers = stdout.trimEnd().split('\n')
  for (const [at, one] of texts.entries())
    assert.equal(readVersion(one) !== undefined, answers[at] === '1', one)
  for (const answer of ['0', '1']) assert.ok(answers.filter((one) => one === answer).length > 300)
})

const readingControl = `use strict; use warnings; use MIME::Base64; use JSON::PP; use Dpkg::Control; use Dpkg::ErrorHandling;
while (<>) {
  chomp; my $text = decode_base64($_); open(my $in, '<', \\$text) or die; my @all;
  eval { until (eof($in)) { my $one = Dpkg::Control->new(type => CTRL_PKG_DEB); $one->parse($in, 'it') or last;
    push @all, [map { [$_, $one->{$_}] } keys %$one] } 1 } or @all = ('refused');
  print JSON::PP->new->latin1->encode(\\@all), "\\n"
}
`
const line = fc.oneof(
  fc.constantFrom(
    '',
    ' .',
    ' ..',
    ' x  ',
    '  indented',
    '\tx',
    ' ',
    'A:',
    'a: b',
    'Foo : x',
    '-B: x',
    '#c',
    ' #c',
    ': x',
  ),
  fc.stringMatching(/^[A-Z][a-z-]{0,4}[a-z]: {0,2}[ -~]{0,10}$/),
  fc.stringMatching(/^ [ -~]{1,10}$/),
)
const file = fc.array(line, { maxLength: 9 }).map((all) => `${all.join('\n')}\n`)

story('control files say what they say to dpkg', ['perl', 'dpkg-source'], async (home) => {
  const texts = fc.sample(file, { numRuns: 5000, seed })
  const answers = await perl(
    home,
    readingControl,
    texts.map((one) => Buffer.from(one).toString('base64')),
  )
  let read = 0
  for (const [at, one] of texts.entries()) {
    const found = parsed(one)
    if (!found) continue
    read++
    // Perl's field names are of one case.
    const ours = found.map((paragraph) =>
      paragraph.map(([name, value]) => [name.toLowerCase(), unescaped(value)]),
    )
    const theirs = JSON.parse(answers[at]!) as [string, string][][]
    assert.notEqual(String(theirs), 'refused', one)
    assert.deepEqual(
      ours,
      theirs.map((all) => all.map(([name, value]) => [name.toLowerCase(), value])),
      one,
    )
  }
  assert.ok(read > 500, String(read))
})

function parsed(one: string): Paragraph[] | undefined {
  try {
    return parseParagraphs('it', Buffer.from(one), { paragraphs: 20 })
  } catch {
    return undefined
  }
}

/** As Perl's reader gives a value: without what only marks that a line goes on. */
function unescaped(value: string): string {
  const [first, ...more] = value.split('\n')
  return [first, ...more.map((one) => one.slice(1).replace(/^\.(?=\.*$)/, ''))].join('\n')
}
