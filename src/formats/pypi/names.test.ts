import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFileName } from './file-names.ts'
import { normalizeName, spellPattern } from './names.ts'
import { compareVersions, isPrerelease, normalForm, normalizeVersion } from './versions.ts'

test('equal names share one spelling', () => {
  for (const name of ['Foo-Bar', 'foo_bar', 'FOO.bar', 'foo-._bar'])
    assert.equal(normalizeName(name), 'foo-bar')
  assert.equal(spellPattern('Acme_*'), 'acme-*')
})

test('versions have the normal form of PEP 440', () => {
  const forms = {
    'v1.0': '1.0',
    '01.002': '1.2',
    '1.0-ALPHA.1': '1.0a1',
    '1.0_beta': '1.0b0',
    '1.0c2': '1.0rc2',
    '1.0preview3': '1.0rc3',
    '1.0-1': '1.0.post1',
    '1.0rev2': '1.0.post2',
    '1.0.POST': '1.0.post0',
    '1.0-r4.dev': '1.0.post4.dev0',
    '1.0dev07': '1.0.dev7',
    '0!1.0': '1.0',
    '1!2.0+Ubuntu_007-x': '1!2.0+ubuntu.7.x',
  }
  for (const [given, normal] of Object.entries(forms)) assert.equal(normalForm(given), normal)
})

test('zeros at the end of a release make no other version', () => {
  assert.equal(normalizeVersion('1.0.0'), normalizeVersion('1'))
  assert.equal(normalizeVersion('0.0'), '0')
  assert.equal(normalizeVersion('1.0.0rc1'), '1rc1')
  assert.equal(compareVersions('1.0', '1.0.0.0'), 0)
})

test('numbers of any length are compared by value', () => {
  assert.ok(compareVersions('9'.repeat(60), `1${'0'.repeat(60)}`) < 0)
  assert.ok(compareVersions('2.10', '2.9') > 0)
})

test('pre-releases and development releases are passed over by installers', () => {
  for (const version of ['1a1', '1.dev1', '1.post1.dev1', '1rc1']) assert.ok(isPrerelease(version), version)
  for (const version of ['1', '1.post1', '1+local']) assert.ok(!isPrerelease(version), version)
})

test('file names say the name, the version and the kind', () => {
  const read = (fileName: string) => {
    const found = readFileName(fileName)
    return found && [found.kind, found.name, found.version, found.pythonVersion]
  }
  assert.deepEqual(read('Foo_Bar-1.0-py3-none-any.whl'), ['wheel', 'foo-bar', '1.0', 'py3'])
  assert.deepEqual(read('x-1!2.0+local.1-1b-cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'), [
    'wheel',
    'x',
    '1!2.0+local.1',
    'cp312',
  ])
  assert.deepEqual(read('foo_bar-1.0.tar.gz'), ['sdist', 'foo-bar', '1.0', 'source'])
  assert.deepEqual(read('my-old-name-1.0rc1.zip'), ['sdist', 'my-old-name', '1.0rc1', 'source'])
  const bad = [
    'x.whl',
    'x-1.0.whl',
    'x-1.0-py3-none.whl',
    'x-1.0-b1-py3-none-any.whl',
    'x-one.tar.gz',
    '-1.0.zip',
  ]
  bad.push(
    'x-1.0.tar.bz2',
    'x-1.0.egg',
    '../x-1.0.zip',
    'a/x-1.0.zip',
    'x-1.0.tar.gz.metadata',
    'é-1.0.zip',
    '',
  )
  for (const fileName of [...bad, `${'x'.repeat(240)}-1.0.zip`])
    assert.equal(read(fileName), undefined, fileName)
})
