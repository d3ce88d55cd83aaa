import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFolders, nameProblems, textProblems } from './names.ts'

const problemsOf = (path: string, text: string): string[] => textProblems(path, ['deb', 'oci'], () => text)

test('files are in kebab-case and say what is inside', () => {
  for (const path of [
    'src/core/publish/stage.ts',
    'src/lib/xml-text.test.ts',
    'test/clients/setup',
    'LICENSE',
  ])
    assert.deepEqual(nameProblems(path), [], path)
  for (const path of [
    'src/lib/xmlText.ts',
    'src/lib/utils.ts',
    'src/common/words.ts',
    'tools/helpers.test.ts',
  ])
    assert.equal(nameProblems(path).length, 1, path)
})

test('formats are the folders of src/formats', () => {
  const files = [
    'src/formats/deb/index.ts',
    'src/formats/deb/icon.svg',
    'src/formats/format.ts',
    'src/formats/testing/x.ts',
  ]
  assert.deepEqual(formatFolders(files), ['deb'])
})

test('no format is named outside src/formats, tests aside', () => {
  assert.equal(problemsOf('src/api/packages.ts', `if (pkg.format === 'deb') {}`).length, 1)
  assert.equal(problemsOf('src/web/page.ts', 'if (format.id === wanted) {}').length, 1)
  assert.deepEqual(problemsOf('src/web/page.ts', `const debt = 'debit'; show(format.id)`), [])
  assert.deepEqual(problemsOf('src/formats/deb/index.ts', `const id = 'deb'`), [])
  assert.deepEqual(problemsOf('src/api/packages.test.ts', `publish('deb')`), [])
})

test('no public registry and no place on one machine', () => {
  const host = ['registry', 'npmjs', 'org'].join('.')
  assert.equal(problemsOf('README.md', `see https://${host}/left-pad`).length, 1)
  assert.equal(problemsOf('src/web/page.ts', `'${host.toUpperCase()}'`).length, 1)
  assert.deepEqual(problemsOf('README.md', `https://my${host}.example and docs.example.org`), [])
  assert.equal(problemsOf('README.md', ['in ', 'home', 'kim', 'entrepot'].join('/')).length, 1)
  assert.deepEqual(problemsOf('README.md', 'bench/.work/x and ./data/'), [])
})
