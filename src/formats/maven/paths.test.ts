import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileCoordinates, parsePath, splitName, spellPattern } from './paths.ts'

function at(path: string) {
  const place = parsePath(path)
  return place.kind === 'metadata' && [place.directory.join('/'), place.checksum]
}
function read(version: string, fileName: string) {
  return fileCoordinates('com/acme/my-lib', version, fileName)
}

test('a file path holds name, version and file', () => {
  const file = { kind: 'file', name: 'com/acme/tiny', version: '1.0', fileName: 'tiny-1.0.jar' }
  const path = 'com/acme/tiny/1.0/tiny-1.0.jar'
  assert.deepEqual(parsePath(path), { ...file, path, checksum: undefined })
  assert.deepEqual(parsePath(`${path}.sha512`), { ...file, path, checksum: 'sha512' })
  assert.deepEqual(splitName('com/acme/tiny'), { groupId: 'com.acme', artifactId: 'tiny' })
})

test('metadata is known by its file name, wherever it stands', () => {
  assert.deepEqual(at('com/maven-metadata.xml'), ['com', undefined])
  assert.deepEqual(at('com/acme/tiny/1.0-SNAPSHOT/maven-metadata.xml.sha1'), [
    'com/acme/tiny/1.0-SNAPSHOT',
    'sha1',
  ])
})

test('what is not of the layout is refused', () => {
  const file = 'tiny-1.0.jar'
  const bad = [
    '',
    'maven-metadata.xml',
    file,
    `tiny/1.0/${file}`,
    `com//tiny/1.0/${file}`,
    `/com/tiny/1.0/${file}`,
    `com/../tiny/1.0/${file}`,
    `com/./tiny/1.0/${file}`,
    `com/.git/tiny/1.0/${file}`,
    `com/acme/tiny/../${file}`,
    `com/acme/tiny/1..0/${file}`,
    `com/ac me/tiny/1.0/${file}`,
    'com/acme/tiny/1.0/',
    'com/acme/tiny/1.0/..',
    'com/acme/tiny/1.0/a\\b',
    'com/acme/tiny/1.0/a\u0000b',
    'com/acme/tiny/1.0/a\nb',
    'com/acme/tiny/1.0/\u202egpj.jar',
    'com/acme/tiny/1.0/.sha1',
    'com/acme/tiny/1.0/tiny-1.0.jar.sha1.md5',
    'com/../maven-metadata.xml',
    '%2e%2e/acme/tiny/1.0/a',
    `com/acme/tiny/1.0/${'a'.repeat(256)}`,
    `${'a/'.repeat(200)}1.0/${file}`,
  ]
  for (const path of bad) assert.throws(() => parsePath(path), { status: 400 }, JSON.stringify(path))
})

test('a file name holds classifier, extension and build', () => {
  assert.deepEqual(read('1.0', 'my-lib-1.0.jar'), { extension: 'jar' })
  assert.deepEqual(read('1.0', 'my-lib-1.0.tar.gz'), { extension: 'tar.gz' })
  assert.deepEqual(read('1.0', 'my-lib-1.0-bin.tar.gz.asc'), { classifier: 'bin', extension: 'tar.gz.asc' })
  assert.deepEqual(read('1.0', 'my-lib-1.0-jdk1.5.jar'), { classifier: 'jdk1.5', extension: 'jar' })
  assert.deepEqual(read('1.0', 'other-1.0.jar'), undefined)
  assert.deepEqual(read('1.0', 'my-lib-1.0'), undefined)
  const build = { timestamp: '20240506.070809', number: 12 }
  assert.deepEqual(read('1-SNAPSHOT', 'my-lib-1-20240506.070809-12.pom'), { extension: 'pom', build })
  assert.deepEqual(read('1-SNAPSHOT', 'my-lib-1-20240506.070809-12-a-b.jar'), {
    classifier: 'a-b',
    extension: 'jar',
    build,
  })
  assert.deepEqual(read('1-SNAPSHOT', 'my-lib-1-SNAPSHOT.jar'), { extension: 'jar' })
  assert.deepEqual(read('1', 'my-lib-1-20240506.070809-12.jar'), {
    classifier: '20240506.070809-12',
    extension: 'jar',
  })
})

test('patterns of coordinates are patterns of paths', () => {
  assert.equal(spellPattern('com.acme.*'), 'com/acme/*')
  assert.equal(spellPattern('com.acme:tiny.core'), 'com/acme/tiny.core')
  assert.equal(spellPattern('com/acme/tiny.core'), 'com/acme/tiny.core')
})
