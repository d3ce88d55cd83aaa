import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPage } from './markdown.ts'

test('finds fences with their language, links outside of code, and what headings are called', () => {
  const page = readPage(
    [
      '# The `npm` format, and more',
      'See [one](docs/one.md "a title"), [two](<two.md#part>) and `[no](code.md)`.',
      '```sh',
      'echo "[no](fence.md)"',
      '```',
      '- item',
      '  ~~~ts',
      '  const a = 1',
      '  ~~~',
      '## Part',
      '## Part',
      '[ref]: three.md',
    ].join('\n'),
  )
  assert.deepEqual(page.fences, [
    { language: 'sh', text: 'echo "[no](fence.md)"', line: 3 },
    { language: 'ts', text: 'const a = 1', line: 7 },
  ])
  assert.deepEqual(
    page.links.map(({ target }) => target),
    ['docs/one.md', 'two.md#part', 'three.md'],
  )
  assert.deepEqual([...page.anchors], ['the-npm-format-and-more', 'part', 'part-1'])
})
