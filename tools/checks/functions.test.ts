import assert from 'node:assert/strict'
import { test } from 'node:test'
import { functionSizes } from './functions.ts'

test('counts the lines of functions, methods and callbacks, past comments and wide characters', () => {
  const source = [
    '// héé 你好',
    '',
    'export function one() {',
    '  return 1',
    '}',
    'class Two {',
    '  method(): number {',
    '    return [1].map((x) => {',
    "      return x + '—'.length",
    '    })[0]!',
    '  }',
    '}',
    'const three = () => 3',
  ].join('\n')
  assert.deepEqual(functionSizes(source), [
    { line: 3, lines: 3 },
    { line: 7, lines: 5 },
    { line: 8, lines: 3 },
    { line: 13, lines: 1 },
  ])
  assert.deepEqual(functionSizes(source), functionSizes(source), 'places do not drift from file to file')
})

test('a block of tests counts as its tests do, not as one function', () => {
  const source = ["describe('a', () => {", "  test('b', () => {", '    run()', '  })', '})'].join('\n')
  assert.deepEqual(functionSizes(source), [{ line: 2, lines: 3 }])
})
