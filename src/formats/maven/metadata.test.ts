import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { FakeRegistry, now, send } from './fake-registry.testing.ts'
import { goalPrefix } from './plugins.ts'

async function registryWith(...paths: string[]): Promise<FakeRegistry> {
  const registry = new FakeRegistry()
  for (const path of paths) {
    await send(
      registry,
      'PUT',
      path,
      path.endsWith('.pom') ? '<project><artifactId>tiny</artifactId></project>' : path,
    )
  }
  return registry
}
const compact = (text: string | undefined) => text?.replaceAll(/\n\s*/g, '')
const read = async (registry: FakeRegistry, path: string) => compact((await send(registry, 'GET', path)).text)
const start = '<?xml version="1.0" encoding="UTF-8"?><metadata modelVersion="1.1.0">'

function listed(extension: string, value: string, updated: string, classifier = '') {
  const head = classifier && `<classifier>${classifier}</classifier>`
  const rest = `<extension>${extension}</extension><value>1-${value}</value><updated>${updated}</updated>`
  return `<snapshotVersion>${head}${rest}</snapshotVersion>`
}

test('an artifact lists its versions in their order, with latest and release', async () => {
  const versions = ['1.10', '1.9', '2.0-SNAPSHOT', '1.10-rc1']
  const registry = await registryWith(
    ...versions.map((version) => `com/acme/tiny/${version}/tiny-${version}.jar`),
  )
  assert.equal(
    await read(registry, 'com/acme/tiny/maven-metadata.xml'),
    `${start}<groupId>com.acme</groupId><artifactId>tiny</artifactId><versioning><latest>2.0-SNAPSHOT</latest>` +
      '<release>1.10</release><versions><version>1.9</version><version>1.10-rc1</version><version>1.10</version>' +
      '<version>2.0-SNAPSHOT</version></versions><lastUpdated>20240506070809</lastUpdated></versioning></metadata>',
  )
})

test('each document has its four checksums', async () => {
  const registry = await registryWith('com/acme/tiny/1-SNAPSHOT/tiny-1-SNAPSHOT.jar')
  for (const path of ['com/acme/tiny/maven-metadata.xml', 'com/acme/tiny/1-SNAPSHOT/maven-metadata.xml']) {
    const { text } = await send(registry, 'GET', path)
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      const expected = createHash(algorithm).update(text!).digest('hex')
      assert.equal((await send(registry, 'GET', `${path}.${algorithm}`)).text, expected)
    }
  }
})

test('a withdrawn version is not offered', async () => {
  const registry = await registryWith('com/acme/tiny/1/tiny-1.jar', 'com/acme/tiny/2/tiny-2.jar')
  const pkg = (await registry.get('com/acme/tiny', '2'))!
  registry.packages.set('com/acme/tiny/2', { ...pkg, standing: { kind: 'withdrawn' } })
  const text = await read(registry, 'com/acme/tiny/maven-metadata.xml')
  assert.match(text!, /<latest>1<\/latest><release>1<\/release><versions><version>1<\/version><\/versions>/)
})

test('a SNAPSHOT tells the newest build of each kind of file', async () => {
  const at = 'com/acme/tiny/1-SNAPSHOT'
  const registry = await registryWith(
    `${at}/tiny-1-20240102.000000-9.jar`,
    `${at}/tiny-1-20240101.000000-10.jar`,
    `${at}/tiny-1-20240101.000001-10.pom`,
    `${at}/tiny-1-20240102.000000-9.pom`,
    `${at}/tiny-1-20240102.000000-9-sources.jar`,
    `${at}/notes.txt`,
  )
  assert.equal(
    await read(registry, `${at}/maven-metadata.xml`),
    `${start}<groupId>com.acme</groupId><artifactId>tiny</artifactId><version>1-SNAPSHOT</version><versioning>` +
      '<snapshot><timestamp>20240101.000001</timestamp><buildNumber>10</buildNumber></snapshot>' +
      '<lastUpdated>20240506070809</lastUpdated><snapshotVersions>' +
      listed('jar', '20240101.000000-10', '20240101000000') +
      listed('pom', '20240101.000001-10', '20240101000001') +
      listed('jar', '20240102.000000-9', '20240102000000', 'sources') +
      '</snapshotVersions></versioning></metadata>',
  )
})

test('a SNAPSHOT asked for by its plain name is the newest build', async () => {
  const at = 'com/acme/tiny/1-SNAPSHOT'
  const newest = `${at}/tiny-1-20240101.000000-10.jar`
  const registry = await registryWith(`${at}/tiny-1-20240102.000000-9.jar`, newest)
  assert.equal((await send(registry, 'GET', `${at}/tiny-1-SNAPSHOT.jar`)).text, newest)
  const sha1 = createHash('sha1').update(newest).digest('hex')
  assert.equal((await send(registry, 'GET', `${at}/tiny-1-SNAPSHOT.jar.sha1`)).text, sha1)
  await assert.rejects(send(registry, 'GET', `${at}/tiny-1-SNAPSHOT-sources.jar`), { status: 404 })
  await assert.rejects(send(registry, 'GET', `${at}/tiny-1-20240102.000000-8.jar`), { status: 404 })
})

test('a group tells the prefixes of its plugins', async () => {
  const registry = await registryWith('com/acme/tiny/1/tiny-1.jar')
  const pom = { packaging: 'maven-plugin', name: 'A & B', licenses: [], dependencies: [] }
  const add = (name: string, model: object) =>
    registry.packages.set(name, {
      id: 1,
      name,
      version: '1',
      publishedAt: now,
      metadata: { pom: { ...pom, ...model } },
      files: [],
    })
  add('com/acme/b-maven-plugin', {})
  add('com/acme/c', { goalPrefix: 'see', name: undefined })
  add('com/acme/d', { packaging: 'jar' })
  assert.equal(
    await read(registry, 'com/acme/maven-metadata.xml'),
    `${start}<plugins><plugin><name>A &amp; B</name><prefix>b</prefix><artifactId>b-maven-plugin</artifactId></plugin>` +
      '<plugin><name>c</name><prefix>see</prefix><artifactId>c</artifactId></plugin></plugins></metadata>',
  )
  assert.match((await read(registry, 'com/acme/maven-metadata.xml.sha256'))!, /^[0-9a-f]{64}$/)
  assert.equal(await read(registry, 'com/maven-metadata.xml'), undefined)
})

test('the prefix follows from the artifact', () => {
  const ids = ['maven-dependency-plugin', 'tiny-maven-plugin', 'maven-plugin-plugin', 'tiny']
  assert.deepEqual(ids.map(goalPrefix), ['dependency', 'tiny', 'plugin', 'tiny'])
})
