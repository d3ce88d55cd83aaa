import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFileName, readFileName } from './file-names.ts'
import { isArchitecture, nameRules } from './names.ts'

test('names are those of the Debian Policy', () => {
  for (const name of ['ab', '0ad', 'libstdc++6', 'a.b-c+d', 'x'.repeat(200)])
    assert.equal(nameRules.normalize(name), name)
  for (const name of ['', 'a', 'Ab', '-ab', '+ab', '.ab', 'a_b', 'a b', 'a/b', 'ab\n', 'é1', 'x'.repeat(201)])
    assert.throws(() => nameRules.normalize(name), { status: 400 }, name)
})

test('architectures are words of lower-case letters, digits and hyphens', () => {
  for (const name of ['all', 'amd64', 'kfreebsd-any', 'x32']) assert.ok(isArchitecture(name))
  for (const name of ['', 'A64', 'amd64/', '-a', 'a b', 'x'.repeat(65)])
    assert.ok(!isArchitecture(name), name)
})

test('file names say the kind, the name, the version and the architecture', () => {
  const read = (fileName: string) => {
    const { fileName: same, ...found } = readFileName(fileName) ?? { fileName: undefined }
    return same === undefined ? undefined : Object.values(found).map(String).toSorted().join(' ')
  }
  const known = {
    'hello_2.10-3_amd64.deb': '2.10-3 amd64 deb hello',
    'hello-udeb_2.10_all.udeb': '2.10 all hello-udeb udeb',
    'hello-dbgsym_1.0~rc1_arm64.ddeb': '1.0~rc1 arm64 ddeb hello-dbgsym',
    'hello_2.10-3.dsc': '2.10-3 dsc hello',
    'hello_2.10-3_amd64.changes': '2.10-3 amd64 changes hello',
    'hello_2.10-3_source.changes': '2.10-3 changes hello source',
    'hello_2.10-3_amd64.buildinfo': '2.10-3 amd64 buildinfo hello',
    'hello_2.10.orig.tar.gz': '2.10 hello orig',
    'hello_2.10.orig-docs.tar.xz': '2.10 docs hello orig',
    'hello_2.10-3.debian.tar.xz': '2.10-3 debian hello',
    'hello_2.10-3.diff.gz': '2.10-3 diff hello',
    'hello_2.10.tar.xz': '2.10 hello native',
    'hello_2.10.orig.tar.gz.asc': '2.10 hello hello_2.10.orig.tar.gz signature',
  }
  for (const [fileName, said] of Object.entries(known)) assert.equal(read(fileName), said, fileName)
  const bad = [
    'hello.deb',
    'hello_1_amd64.rpm',
    'hello_1:1_amd64.deb',
    'Hello_1_amd64.deb',
    'hello__amd64.deb',
  ]
  bad.push(
    'hello_a_amd64.deb',
    'hello_1_AMD64.deb',
    '../hello_1_all.deb',
    'hello_1.0.dsc/',
    'hello_1_a_b.deb',
    '',
  )
  bad.push(
    'hello_1.0.orig.tar.gz.asc.asc',
    'hello_1.orig.zip',
    'hello_1_all.deb\n',
    `h${'x'.repeat(300)}_1_all.deb`,
  )
  for (const fileName of bad) assert.equal(read(fileName), undefined, fileName)
})

test('file names in lists are safe in every path', () => {
  for (const name of ['a_1.0.dsc', 'Upper_1.tar.gz', 'a~b+c']) assert.ok(isFileName(name))
  for (const name of ['', '.', '..', '.a', '-a', 'a/b', 'a\\b', 'a b', 'a\tb', 'a%2f', 'a:b', 'é', 'a\n'])
    assert.ok(!isFileName(name), name)
})
