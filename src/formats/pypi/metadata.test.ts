import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../lib/problem.ts'
import { createLinks } from '../../core/registry/links.ts'
import type { PackageView } from '../format.ts'
import { describe } from './describe.ts'
import { install } from './install.ts'
import { readMetadata } from './metadata.ts'
import { decodeFile, decodeProject, decodeRelease, type PypiModels } from './models.ts'

const read = (text: string | Uint8Array) => readMetadata(Buffer.from(text as string))
const head = 'Metadata-Version: 2.4\nName: Hello\nVersion: 1.0\n'

test('reads every version of core metadata', () => {
  for (const version of ['1.0', '1.1', '1.2', '2.0', '2.1', '2.2', '2.3', '2.4', '2.5'])
    assert.equal(read(head.replace('2.4', version)).kept['metadata_version'], version)
})

test('reads what occurs once and what occurs many times', () => {
  const { kept, requiresDist, requiresPython } = read(
    `${head}Summary: Sägewerk\nLicense: UNKNOWN\nKeywords: a,b\nrequires-python:  >=3.8 \nRequires-Dist: a\n` +
      'Requires-Dist: b ; extra\n  == "x"\nClassifier: One\nClassifier: Two\nProject-URL: Source, https://example.com\n' +
      'X-Other: ignored\n\n# Hello\n\nName: not this\n',
  )
  assert.deepEqual(kept, {
    metadata_version: '2.4',
    name: 'Hello',
    version: '1.0',
    summary: 'Sägewerk',
    keywords: 'a,b',
    requires_python: '>=3.8',
    requires_dist: ['a', 'b ; extra\n  == "x"'],
    classifiers: ['One', 'Two'],
    project_urls: ['Source, https://example.com'],
    description: '# Hello\n\nName: not this',
  })
  assert.deepEqual([requiresDist.length, requiresPython], [2, '>=3.8'])
})

test('reads descriptions in the head, as old tools wrote them', () => {
  const description = 'Description: first\n        second\n        \n               |deeper\n       |third\n'
  assert.equal(read(head + description).kept['description'], 'first\nsecond\n\n       |deeper\nthird')
})

test('reads Windows line ends, and cuts what is long', () => {
  assert.equal(read(head.replaceAll('\n', '\r\n')).name, 'Hello')
  assert.equal(read(`${head}Summary: x\rRequires-Python: >=4\n`).requiresPython, '>=4')
  const long = read(`${head}License: ${'x'.repeat(100_000)}\n\n${'y'.repeat(100_000)}`).kept
  assert.deepEqual([long['license']?.length, long['description']?.length], [16 * 1024, 64 * 1024])
  const halved = read(`${head}License: x${'😀'.repeat(10_000)}\n\nx${'😀'.repeat(40_000)}`).kept
  for (const field of ['license', 'description']) assert.ok(String(halved[field]).isWellFormed(), field)
})

test('refuses what is none, or is decided twice', () => {
  const bad = [
    '',
    'Name: x',
    head.replace('2.4', '3.0'),
    `${head}Name: other\n`,
    `${head}Requires-Python: >=3\nRequires-Python: >=2\n`,
    `${head}Requires-Python: ${'>'.repeat(300)}\n`,
    `\n${head}`,
    `\ufeff${head}`,
  ]
  for (const text of bad) assert.throws(() => read(text), { status: 400 }, text.slice(0, 80))
  assert.throws(() => read(Buffer.from([0x4e, 0xff])), { status: 400 })
  assert.throws(() => read(head + 'Requires-Dist: abcdefgh\n'.repeat(60_000)), { status: 413 })
  assert.throws(() => read(head + 'X: y\n'.repeat(100_001)), { status: 413 })
})

test('any text is read or refused, soon', () => {
  const piece = fc.oneof(
    fc.constantFrom('Name', ':', '\n', ' ', '\t', '\r', 'Version: 1\n', head),
    fc.string(),
  )
  const property = fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    const began = performance.now()
    try {
      read(pieces.join(''))
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
    }
    assert.ok(performance.now() - began < 1000)
  })
  fc.assert(property, { numRuns: 2000 })
})

test('models that nobody wrote are not decoded', () => {
  assert.deepEqual(decodeRelease(undefined), { v: 1, metadata: {} })
  for (const decode of [decodeFile, decodeProject, decodeRelease])
    for (const value of [null, 'x', [], {}, { v: 2 }, { v: 1 }]) assert.throws(() => decode(value))
  assert.throws(() => decodeFile({ v: 1, kind: 'wheel', yanked: 5 }))
  assert.throws(() => decodeProject({ v: 1, status: 'gone' }))
})

test('the package page shows what metadata says, and no link that is none', () => {
  const { kept } = read(
    `${head}Summary: Short\nLicense-Expression: MIT\nKeywords: a, b\nHome-Page: javascript:alert(1)\nAuthor: A\n` +
      'Project-URL: Docs, https://example.com/docs\nProject-URL: Bad, file:///etc\nRequires-Python: >=3.8\n' +
      'Requires-Dist: requests[socks] (>=2,<3) ; extra == "net"\nRequires-Dist: plain\nProvides-Extra: net\n\n# Hello\n',
  )
  const shown = describe({
    name: 'Hello',
    version: '1.0',
    metadata: { v: 1, metadata: kept },
  } as unknown as PackageView<PypiModels>)
  assert.deepEqual(shown, {
    name: 'Hello',
    version: '1.0',
    summary: 'Short',
    readme: '# Hello',
    license: 'MIT',
    links: { Docs: 'https://example.com/docs' },
    keywords: ['a', 'b'],
    dependencies: [
      { name: 'requests[socks]', range: '>=2,<3', group: 'extra == "net"' },
      { name: 'plain', range: '*' },
    ],
    facts: [
      { label: 'Python', value: '>=3.8' },
      { label: 'Author', value: 'A' },
      { label: 'Extras', value: 'net' },
      { label: 'Metadata version', value: '2.4' },
    ],
  })
})

test('lines to paste keep the address in one piece', () => {
  const links = createLinks('https://packages.example.com', '/api/v4/projects/7/packages/pypi')
  const pkg = { name: 'Hello', version: '1.0', tags: [] }
  const [pip] = install({ links, level: 'project', package: pkg })
  assert.equal(
    pip?.text,
    "pip install --index-url https://__token__:${ENTREPOT_TOKEN}@packages.example.com/api/v4/projects/7/packages/pypi/simple/ 'Hello==1.0'",
  )
})
