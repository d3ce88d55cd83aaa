import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../lib/problem.ts'
import { parseParagraph, parseParagraphs, valueOf, wordsOf, writeParagraphs } from './control.ts'
import type { ControlLimits, Paragraph } from './control.ts'

const read = (text: string | Uint8Array, reading: Partial<ControlLimits> = { paragraphs: 5 }) =>
  parseParagraphs('it', Buffer.from(text as string), reading)

test('reads fields in their order, folded ones and those of many lines', () => {
  const text = 'Package: a \nDepends: b,\n c,\n\td\nDescription:  short\n long\n .\n  list \nFiles:\n x\n'
  const [paragraph] = read(text)
  assert.deepEqual(paragraph, [
    ['Package', 'a'],
    ['Depends', 'b,\n c,\n\td'],
    ['Description', 'short\n long\n .\n  list'],
    ['Files', '\n x'],
  ])
  assert.equal(valueOf(paragraph!, 'dePENDS'), 'b,\n c,\n\td')
  assert.equal(valueOf(paragraph!, 'Suggests'), undefined)
  assert.deepEqual(wordsOf(' a\tb\n c '), ['a', 'b', 'c'])
})

test('reads paragraphs with empty lines between, before and behind them', () => {
  assert.deepEqual(read('\n\nA: 1\n\n\nB: 2\nC:\n\n'), [
    [['A', '1']],
    [
      ['B', '2'],
      ['C', ''],
    ],
  ])
  assert.deepEqual(read(''), [])
  assert.deepEqual(read('\n'), [])
})

test('separators of lines that are no line feeds are characters like others', () => {
  const fields: Paragraph = [['A', '\u2028b\u2029\n \u2028c']]
  assert.deepEqual(read('A: \u2028b\u2029\n \u2028c\n'), [fields])
  assert.equal(writeParagraphs([fields]), 'A: \u2028b\u2029\n \u2028c\n')
})

const refusals: readonly (readonly [title: string, text: string | Uint8Array, status?: number])[] = [
  ['a field twice', 'A: 1\na: 2\n'],
  ['a carriage return', 'A: 1\r\nB: 2\r\n'],
  ['a control character', 'A: \u0001\n'],
  ['a NUL', 'A: \0\n'],
  ['DEL', 'A: \u007f\n'],
  ['a control character of C1', 'A: \u0085\n'],
  ['what is not UTF-8', Buffer.from('A: \xe9\n', 'latin1')],
  ['a byte order mark', '\ufeffA: 1\n'],
  ['a line of blanks in a field', 'A: 1\n \n b\n'],
  ['a line of blanks between paragraphs', 'A: 1\n \nB: 2\n'],
  ['a line of blanks at the end', 'A: 1\n\t\n'],
  ['no line feed at the end', 'A: 1'],
  ['a continuation of nothing', ' a\nA: 1\n'],
  ['a continuation of nothing in a second paragraph', 'A: 1\n\n b\n'],
  ['a line without a colon', 'A: 1\nB\n'],
  ['a blank in a name', 'A b: 1\n'],
  ['a blank behind a name', 'A : 1\n'],
  ['no name', ': 1\n'],
  ['a name that begins with a hyphen', '-A: 1\n'],
  ['a name that ends with a hyphen', 'A-: 1\n'],
  ['a name that begins with a number sign', '#A: 1\n'],
  ['a name that is not ASCII', 'Ä: 1\n'],
  ['a name that is long', `${'A'.repeat(101)}: 1\n`],
  ['many paragraphs', 'A: 1\n\n'.repeat(6), 413],
  ['many fields', Array.from({ length: 201 }, (_, at) => `F${at}: 1\n`).join(''), 413],
  ['a long value', `A: ${'x'.repeat(1_100_000)}\n`, 413],
  ['many lines', '\n'.repeat(50_001), 413],
  ['many bytes', `A: ${'x'.repeat(5_000_000)}\n`, 413],
]

for (const [title, text, status = 400] of refusals)
  test(`refuses ${title}`, () => assert.throws(() => read(text), { name: 'Problem', status }))

test('one paragraph is one', () => {
  assert.deepEqual(parseParagraph('it', Buffer.from('A: 1\n')), [['A', '1']])
  for (const text of ['', '\n', 'A: 1\n\nB: 2\n', 'A: 1\n\nB: 2\n\nC: 3\n'])
    assert.throws(() => parseParagraph('it', Buffer.from(text)), { name: 'Problem' })
})

const clean = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((text) => text.replaceAll(/[\p{C}\s]/gu, '').trim())
const inner = clean.map((text) => ` ${text === '' ? '.' : text}`)
const name = fc.stringMatching(/^[A-Za-z][!-9;-~]{0,10}[A-Za-z]$/)
const field = fc.tuple(
  name,
  fc.tuple(clean, fc.array(inner, { maxLength: 3 })).map(([first, more]) => [first, ...more].join('\n')),
)
const paragraph = fc.uniqueArray(field, {
  minLength: 1,
  maxLength: 5,
  selector: ([one]) => one.toLowerCase(),
})

test('what is written is read again', () => {
  const property = fc.property(fc.array(paragraph, { maxLength: 5 }), (paragraphs) => {
    assert.deepEqual(read(writeParagraphs(paragraphs)), paragraphs)
  })
  fc.assert(property, { numRuns: 2000 })
})

test('refuses to write what would be read as something else', () => {
  const bad: Paragraph = [
    ['A', 'x\nB: y'],
    ['A', 'x\n\n y'],
    ['A', 'x\n '],
    ['A', 'x\r'],
    ['A\nB', 'x'],
    ['A:', 'x'],
    ['#A', 'x'],
    ['', 'x'],
  ]
  for (const one of bad) assert.throws(() => writeParagraphs([[one]]), { status: 400 }, JSON.stringify(one))
})

test('any bytes are read or refused, soon', () => {
  const lines = fc.constantFrom(
    'A: b\n',
    ' c\n',
    '\n',
    ' \n',
    '#\n',
    'B:\n',
    'é',
    '\t',
    ':',
    '\r\n',
    '\0',
    'C: d',
  )
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc.array(lines, { maxLength: 12 }).map((all) => all.join('')),
  )
  const property = fc.property(any, (text) => {
    try {
      const found = read(text, { paragraphs: 9 })
      assert.deepEqual(read(writeParagraphs(found)), found)
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
    }
  })
  fc.assert(property, { numRuns: 5000 })
  for (const text of [
    `A: ${' '.repeat(900_000)}x\n`,
    `A:\n${' x\n'.repeat(500_000)}`,
    '\n'.repeat(4_000_000),
  ]) {
    const began = performance.now()
    try {
      read(text)
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
    }
    assert.ok(performance.now() - began < 1000)
  }
})
