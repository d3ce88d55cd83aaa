import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { decodeFile, decodePackage } from './models.ts'
import { FakeRegistry, now, send, viewOfRemote } from './fake-registry.testing.ts'
import { decodeMetadata } from './upstream-metadata.ts'
import { upstream } from './upstream.ts'
import { describe } from './describe.ts'

test('documents are where the layout has them, whatever part of them is meant', () => {
  const path = 'com/acme/tiny/maven-metadata.xml'
  for (const part of ['', '.sha1', '.md5', '.sha256', '.sha512'])
    assert.deepEqual(upstream.document('metadata', 'com/acme/tiny', part), { path })
  const snapshot = { path: 'com/acme/tiny/1.0-SNAPSHOT/maven-metadata.xml' }
  for (const part of ['1.0-SNAPSHOT', '1.0-SNAPSHOT.sha1'])
    assert.deepEqual(upstream.document('metadata', 'com/acme/tiny', part), snapshot)
  assert.deepEqual(upstream.document('plugins', 'com/acme', '.sha1'), {
    path: 'com/acme/maven-metadata.xml',
  })
  assert.deepEqual(upstream.document('plugins', 'acme', ''), { path: 'acme/maven-metadata.xml' })
  assert.deepEqual(upstream.document('metadata', 'com/acme/c++', ''), {
    path: 'com/acme/c++/maven-metadata.xml',
  })
})

test('upstreams are asked for no document that could not be', () => {
  for (const [rule, key, part] of [
    ['metadata', 'tiny', ''],
    ['metadata', 'com/../tiny', ''],
    ['metadata', 'com/ti ny', ''],
    ['metadata', 'com/acme/tiny', '1.0'],
    ['metadata', 'com/acme/tiny', '../x-SNAPSHOT'],
    ['metadata', 'com/acme/tiny', '1 0-SNAPSHOT'],
    ['plugins', 'com/acme', '1.0-SNAPSHOT'],
    ['plugins', 'com/acme?x', ''],
    ['plugins', '', ''],
    ['other', 'com/acme/tiny', ''],
  ] as const)
    assert.equal(upstream.document(rule, key, part), undefined, `${rule} ${key} ${part}`)
})

test('files of the layout are where they are here, of the name and version in their path', () => {
  for (const fileName of ['tiny-1.0.jar', 'tiny-1.0.pom', 'tiny-1.0-sources.jar.asc', 'notes.txt']) {
    const path = `com/acme/tiny/1.0/${fileName}`
    const { name, version, path: there, early } = upstream.file(path)!
    assert.deepEqual([name, version, there, early], ['com/acme/tiny', '1.0', path, undefined])
  }
  const built = 'com/acme/tiny/1.0-SNAPSHOT/tiny-1.0-20240102.030405-6.jar'
  assert.equal(upstream.file(built)!.version, '1.0-SNAPSHOT')
})

test('checksums, metadata and what is not of the layout are no files', () => {
  for (const path of [
    'com/acme/tiny/1.0/tiny-1.0.jar.sha1',
    'com/acme/tiny/1.0/tiny-1.0.jar.asc.md5',
    'com/acme/tiny/maven-metadata.xml',
    'com/acme/tiny/maven-metadata.xml.sha1',
    'com/acme/tiny/[1.0,)/tiny-[1.0,).pom',
    'com/acme/../1.0/tiny-1.0.jar',
    'tiny-1.0.jar',
    '',
  ])
    assert.equal(upstream.file(path), undefined, path)
})

// ------------------------------------------------------------------ the handlers, with what an upstream told
const at = 'com/acme/tiny/1.0-SNAPSHOT'
const snapshot = (versioning: string) =>
  Buffer.from(`<metadata><version>1.0-SNAPSHOT</version><versioning>${versioning}</versioning></metadata>`)
const build = '<snapshot><timestamp>20240102.030405</timestamp><buildNumber>6</buildNumber></snapshot>'
const row = '<extension>jar</extension><value>1.0-20240102.030405-6</value>'
const listing = `<snapshotVersions><snapshotVersion>${row}</snapshotVersion></snapshotVersions>`

function registryWith(body: Uint8Array, digests: object): FakeRegistry {
  const registry = new FakeRegistry()
  for (const pkg of viewOfRemote(decodeMetadata(body, 'com/acme/tiny', '1.0-SNAPSHOT')).packages) {
    const files = pkg.files.map((file) => ({
      ...file,
      digests,
      blob: { open: () => ({ toArray: async () => [file.path] }) } as never,
    }))
    registry.packages.set(`${pkg.name}/${pkg.version}`, { ...pkg, files })
  }
  return registry
}

test('a file that nobody said is there is not handed out in place of another', async () => {
  const listed = registryWith(snapshot(build + listing), {})
  const jar = `${at}/tiny-1.0-20240102.030405-6.jar`
  assert.equal((await send(listed, 'GET', `${at}/tiny-1.0-SNAPSHOT.jar`)).text, jar)
  // here only the build is known, and stands in the records with a POM
  const unlisted = registryWith(snapshot(build), {})
  assert.equal((await unlisted.get('com/acme/tiny', '1.0-SNAPSHOT'))!.files.length, 1)
  await assert.rejects(send(unlisted, 'GET', `${at}/tiny-1.0-SNAPSHOT.pom`), { status: 404 })
})

test('of a file that is yet to come only what is known of it is told', async () => {
  const sha1 = hash('sha1', 'x')
  const registry = registryWith(snapshot(build + listing), { sha1 })
  const jar = `${at}/tiny-1.0-20240102.030405-6.jar`
  assert.deepEqual((await send(registry, 'GET', jar)).headers, { 'x-checksum-sha1': sha1 })
  assert.equal((await send(registry, 'GET', `${jar}.sha1`)).text, sha1)
  for (const unknown of ['md5', 'sha256', 'sha512'])
    await assert.rejects(send(registry, 'GET', `${jar}.${unknown}`), { status: 404 })
})

test('packages of upstreams are shown by their coordinates, and their models are ours', () => {
  const body = snapshot(build + listing)
  for (const document of [body, snapshot(build)]) {
    const [pkg] = viewOfRemote(decodeMetadata(document, 'com/acme/tiny', '1.0-SNAPSHOT'), now).packages
    assert.equal(describe(pkg!).name, 'com/acme/tiny')
    assert.deepEqual(decodePackage(pkg!.metadata), pkg!.metadata)
    for (const { metadata } of pkg!.files) assert.deepEqual(decodeFile(metadata), metadata)
  }
})
