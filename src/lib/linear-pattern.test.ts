import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { linearPattern } from './linear-pattern.ts'

test('a pattern is compared with the whole text', () => {
  const matching: [pattern: string, text: string][] = [
    ['', ''],
    ['.*-SNAPSHOT', '1.0-SNAPSHOT'],
    [String.raw`1\.\d+\.[0-9a-f]+`, '1.20.3a'],
    ['(alpha|beta)-.+', 'beta-1'],
    ['(?:a|b)*c?', 'abba'],
    ['(a*)*', 'aaa'],
    ['(|x)+y', 'y'],
    ['^a$', 'a'],
    [String.raw`\Aa\z`, 'a'],
    ['[^a-c]', 'd'],
    ['[a-]', '-'],
    [String.raw`[\].\w]+`, 'x].'],
    ['@acme/.*', '@acme/web'],
    ['.', '\u{1F600}'],
  ]
  for (const [pattern, text] of matching) assert.ok(linearPattern(pattern)(text), `${pattern} ${text}`)
  const others: [pattern: string, text: string][] = [
    ['a', 'ab'],
    ['a', 'ba'],
    ['a|b', 'ab'],
    [String.raw`1\.0`, '1x0'],
    ['[^a-c]', 'b'],
    ['x+', ''],
    ['a^b', 'ab'],
    [String.raw`\D`, '1'],
    ['.*', 'x'.repeat(1025)],
  ]
  for (const [pattern, text] of others) assert.ok(!linearPattern(pattern)(text), `${pattern} ${text}`)
})

test('what it cannot do is refused with words', () => {
  const refused = [
    '(',
    ')',
    '[',
    '[]',
    '*a',
    'a**',
    'a*?',
    'a{2}',
    String.raw`(a)\1`,
    '(?=a)',
    '(?<n>a)',
    'a\\',
    '[b-a]',
    '^*',
  ]
  for (const pattern of [...refused, 'x'.repeat(256)])
    assert.throws(() => linearPattern(pattern), { status: 400 }, pattern)
})

test('no pattern takes long', () => {
  const text = 'a'.repeat(1024)
  const began = performance.now()
  for (const pattern of ['(a*)*b', '(a|a)*b', `${'.*'.repeat(120)}b`, `${'a?'.repeat(80)}${'a'.repeat(80)}b`])
    assert.equal(linearPattern(pattern)(text), false)
  assert.ok(performance.now() - began < 2000)
})

test('it agrees with regular expressions', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^b]', '(a|b)', '(ab)')
  const part = fc.tuple(atom, fc.constantFrom('', '*', '+', '?')).map((words) => words.join(''))
  const pattern = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[abc]{0,6}$/), (source, text) => {
      assert.equal(linearPattern(source)(text), new RegExp(`^(?:${source})$`).test(text))
    }),
  )
})
