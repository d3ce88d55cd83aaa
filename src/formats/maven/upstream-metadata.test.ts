import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import {
  assert as check,
  asyncProperty,
  constantFrom,
  integer,
  option,
  record,
  uniqueArray,
} from 'fast-check'
import type { DocumentPart } from '../format.ts'
import { viewOfRemote } from './fake-registry.testing.ts'
import { metadata, plugins } from './metadata.ts'
import { mavenUpstreamFiles } from './upstream-samples.testing.ts'
import { decodeMetadata, decodePlugins } from './upstream-metadata.ts'
import { sortVersions } from './versions.ts'

const name = 'com/acme/tiny'
const about = '<groupId>com.acme</groupId><artifactId>tiny</artifactId>'
const xml = (content: string) => Buffer.from(`<metadata>\n${content}\n</metadata>`)
const tag = (element: string, text: string | undefined) =>
  text === undefined ? '' : `<${element}>${text}</${element}>`
const versioning = (content: string) => tag('versioning', content)
const versionList = (versions: readonly string[]) =>
  tag('versions', versions.map((version) => tag('version', version)).join('\n      '))
const tools = (changedAt: Date) => ({ links: { to: () => '' as never }, changedAt })

/** What our own clients get for what an upstream answered. */
async function renderedParts(body: Uint8Array, part = ''): Promise<readonly DocumentPart[]> {
  const view = viewOfRemote(metadata.decode!(body, name, part))
  return (await metadata.encode(view, tools(view.changedAt))) ?? []
}
async function rendered(body: Uint8Array, part = ''): Promise<string> {
  const found = (await renderedParts(body, part)).find((each) => each.path === part)
  assert.ok(found, `there is a part '${part}'`)
  return [found.body].flat().join('')
}

/** All texts of one element, in order. */
const texts = (document: string, element: string) =>
  [...document.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => text)
/** The rows of a SNAPSHOT's metadata, each with what its elements say. */
const rows = (document: string) =>
  [...document.matchAll(/<snapshotVersion>([\s\S]*?)<\/snapshotVersion>/g)]
    .map(([, row]) =>
      ['classifier', 'extension', 'value', 'updated'].map((each) => texts(row!, each)[0] ?? '').join(' '),
    )
    .toSorted()

const someVersions = uniqueArray(
  record({
    a: integer({ min: 0, max: 12 }),
    b: integer({ min: 0, max: 12 }),
    end: constantFrom('', '.0', '-SNAPSHOT', '-rc1', '-beta-2', '.Final', '-jre', '+build.5', '_1'),
  }).map(({ a, b, end }) => `${a}.${b}${end}`),
  { minLength: 1, maxLength: 40 },
)

const index = option(integer({ min: 0, max: 39 }))

test('an artifact is told as its upstream tells it: versions in order, latest, release and time', async () => {
  const roundTrip = asyncProperty(someVersions, index, index, async (versions, latestAt, releaseAt) => {
    const at = (place: number | null) => (place === null ? undefined : versions[place % versions.length])
    const [latest, release] = [at(latestAt), at(releaseAt)]
    const pointers = tag('latest', latest) + tag('release', release)
    const content = pointers + versionList(versions) + tag('lastUpdated', '20230405060708')
    const document = await rendered(xml(about + versioning(content)))
    assert.deepEqual(texts(document, 'version'), sortVersions(versions))
    assert.deepEqual(texts(document, 'lastUpdated'), ['20230405060708'])
    if (latest === undefined && release === undefined) return
    assert.deepEqual(texts(document, 'latest'), latest === undefined ? [] : [latest])
    assert.deepEqual(texts(document, 'release'), release === undefined ? [] : [release])
  })
  await check(roundTrip, { numRuns: 60 })
})

test('latest and release are worked out where the upstream says none, or one that is not offered', async () => {
  const list = versionList(['1.0', '2.0-SNAPSHOT', '1.5'])
  const pointers = async (content: string) => {
    const document = await rendered(xml(about + versioning(content + list)))
    return [texts(document, 'latest')[0], texts(document, 'release')[0]]
  }
  assert.deepEqual(await pointers(''), ['2.0-SNAPSHOT', '1.5'])
  assert.deepEqual(await pointers('<latest>1.5</latest><release>1.0</release>'), ['1.5', '1.0'])
  assert.deepEqual(await pointers('<latest>9</latest><release>1.0</release>'), [undefined, '1.0'])
  const body = xml(about + versioning(`<latest>1.5</latest><release>1.5</release>${list}`))
  const view = viewOfRemote(decodeMetadata(body, name, ''))
  const packages = view.packages.filter(({ version }) => version !== '1.5')
  const [part] = (await metadata.encode({ ...view, packages }, tools(view.changedAt)))!
  assert.match(String(part!.body), /<latest>2.0-SNAPSHOT<\/latest>\s*<release>1.0<\/release>/)
})

test('metadata without a list of versions tells those it points at', () => {
  const { packages, tags } = decodeMetadata(xml(about + versioning('<release>1.0</release>')), name, '')
  assert.deepEqual([packages.map(({ version }) => version), tags], [['1.0'], { release: '1.0' }])
})

test('versions that may not be here are left out, doubles told once', () => {
  const versions = ['1.0', '..', '1/0', '', '1.0', `${'1'.repeat(256)}`, '[1,2)', '2']
  const { packages } = decodeMetadata(xml(versioning(versionList(versions))), name, '')
  assert.deepEqual(
    packages.map(({ version, files }) => [version, files.map(({ path, metadata: model }) => [path, model])]),
    ['1.0', '2'].map((version) => [version, [[`${name}/${version}/tiny-${version}.pom`, { nominal: true }]]]),
  )
})

test('a time that is none is left out', () => {
  const timeOf = (text: string) =>
    decodeMetadata(xml(versioning(versionList(['1']) + tag('lastUpdated', text))), name, '').changedAt
  assert.deepEqual(timeOf('20240229235959'), new Date('2024-02-29T23:59:59Z'))
  assert.deepEqual(timeOf('20240229.235959'), new Date('2024-02-29T23:59:59Z'))
  for (const none of ['20230229000000', '20240101', '20241301000000', 'yesterday', ''])
    assert.equal(timeOf(none), undefined)
})

const snapshotRow = (extension: string, value: string, updated?: string, classifier?: string) =>
  tag(
    'snapshotVersion',
    tag('classifier', classifier) +
      tag('extension', extension) +
      tag('value', value) +
      tag('updated', updated),
  )
const snapshotOf = (timestamp: string, number: string) =>
  tag('snapshot', tag('timestamp', timestamp) + tag('buildNumber', number))
const snapshotXml = (content: string) => xml(`${about}<version>1.0-SNAPSHOT</version>${versioning(content)}`)

test('a SNAPSHOT is told as its upstream tells it: every file, the build and the time', async () => {
  const list = [
    snapshotRow('jar', '1.0-20240102.030405-6', '20240102030406'),
    snapshotRow('pom', '1.0-20240102.030405-6', '20240102030405'),
    snapshotRow('tar.gz', '1.0-20240101.000000-5', '20240101000000', 'bin'),
    snapshotRow('jar.sigstore.json', '1.0-20240102.030405-6', '20240102030405', 'sources'),
    snapshotRow('zip', '1.0-SNAPSHOT', '20230101000000'),
  ].join('')
  const body = snapshotXml(
    `${snapshotOf('20240102.030405', '6')}${tag('lastUpdated', '20240102030407')}${tag('snapshotVersions', list)}`,
  )
  const document = await rendered(body, '1.0-SNAPSHOT')
  assert.deepEqual(rows(document), rows(body.toString()))
  assert.equal(rows(document).length, 5)
  assert.deepEqual(texts(document, 'timestamp'), ['20240102.030405'])
  assert.deepEqual(texts(document, 'buildNumber'), ['6'])
  assert.deepEqual(texts(document, 'lastUpdated'), ['20240102030407'])
  assert.deepEqual(texts(document, 'version'), ['1.0-SNAPSHOT'])
  const [pkg] = decodeMetadata(body, name, '1.0-SNAPSHOT').packages
  assert.ok(
    pkg!.files.some(({ path }) => path === `${name}/1.0-SNAPSHOT/tiny-1.0-20240101.000000-5-bin.tar.gz`),
  )
})

test('of two builds of one kind of file the one updated last is told', async () => {
  const list = [
    snapshotRow('jar', '1.0-20240102.030405-6', '20240102030405'),
    snapshotRow('jar', '1.0-20240103.030405-7', '20240103030405'),
    snapshotRow('jar', '1.0-20240101.030405-5', '20240101030405'),
  ].join('')
  const document = await rendered(snapshotXml(tag('snapshotVersions', list)), '1.0-SNAPSHOT')
  assert.deepEqual(rows(document), [' jar 1.0-20240103.030405-7 20240103030405'])
})

test('a SNAPSHOT that lists no files is told without files, so that clients try any of its build', async () => {
  const old = snapshotXml(snapshotOf('20080102.030405', '6') + tag('lastUpdated', '20080102030405'))
  const document = await rendered(old, '1.0-SNAPSHOT')
  assert.deepEqual(
    [texts(document, 'timestamp'), texts(document, 'buildNumber')],
    [['20080102.030405'], ['6']],
  )
  assert.doesNotMatch(document, /snapshotVersion/)
  const plain = await rendered(
    snapshotXml('<snapshot><localCopy>true</localCopy></snapshot>'),
    '1.0-SNAPSHOT',
  )
  assert.doesNotMatch(plain, /<snapshot/)
  assert.deepEqual(texts(plain, 'version'), ['1.0-SNAPSHOT'])
})

test('the build of a SNAPSHOT stands although none of its files is listed', async () => {
  const list = tag('snapshotVersions', snapshotRow('jar', '1.0-20240101.000000-5', '20240101000000'))
  const document = await rendered(snapshotXml(snapshotOf('20240102.030405', '50') + list), '1.0-SNAPSHOT')
  assert.deepEqual(texts(document, 'buildNumber'), ['50'])
  assert.deepEqual(rows(document), [' jar 1.0-20240101.000000-5 20240101000000'])
})

test('listed files that could not be here are left out', () => {
  const list = [
    snapshotRow('jar', '2.0-20240102.030405-6'),
    snapshotRow('jar', '1.0-20240102.030405-6/../../x'),
    snapshotRow('../jar', '1.0-20240102.030405-6'),
    snapshotRow('jar.sha1', '1.0-20240102.030405-6'),
    snapshotRow('', '1.0-20240102.030405-6'),
    snapshotRow('jar', ''),
    snapshotRow('jar', '1.0-20240102.030405-6', 'now', 'tests'),
  ].join('')
  const { packages } = decodeMetadata(snapshotXml(tag('snapshotVersions', list)), name, '1.0-SNAPSHOT')
  assert.deepEqual(packages[0]!.files, [
    {
      path: `${name}/1.0-SNAPSHOT/tiny-1.0-20240102.030405-6-tests.jar`,
      digests: {},
      metadata: { listed: { classifier: 'tests', extension: 'jar', updated: undefined } },
    },
  ])
})

test("a checksum's part is read as the document that it is of", () => {
  const artifact = xml(about + versioning(versionList(['1.0'])))
  assert.deepEqual(decodeMetadata(artifact, name, '.sha1'), decodeMetadata(artifact, name, ''))
  const snapshot = snapshotXml(snapshotOf('20240102.030405', '6'))
  assert.deepEqual(
    decodeMetadata(snapshot, name, '1.0-SNAPSHOT.md5'),
    decodeMetadata(snapshot, name, '1.0-SNAPSHOT'),
  )
})

const plugin = (id: string, prefix: string, title?: string) =>
  tag('plugin', tag('name', title) + tag('prefix', prefix) + tag('artifactId', id))
const group = (content: string, start = '') => xml(start + tag('plugins', content))

test('a group tells its plugins, of one prefix the first', async () => {
  const list = [
    plugin('b-maven-plugin', 'b', 'Bee &amp; Co'),
    plugin('a-maven-plugin', 'a'),
    plugin('c-maven-plugin', 'b'),
    plugin('a-maven-plugin', 'aa'),
    plugin('../x', 'x'),
    plugin('x/y', 'y'),
    plugin('d-maven-plugin', ''),
  ].join('')
  const entries = decodePlugins(group(list), 'com/acme')
  assert.deepEqual(
    entries.map((entry) => [entry.id, entry.name]),
    [
      ['b-maven-plugin', 'com/acme/b-maven-plugin'],
      ['a-maven-plugin', 'com/acme/a-maven-plugin'],
      ['a-maven-plugin:aa', 'com/acme/a-maven-plugin'],
    ],
  )
  const keyed = entries.map((entry) => ({ key: 'com/acme', ...entry }))
  const [part] = (await plugins.encode('com/acme', keyed, tools(new Date(0))))!
  assert.deepEqual(texts(String(part!.body), 'name'), ['Bee &amp; Co', 'a-maven-plugin', 'a-maven-plugin'])
  assert.deepEqual(texts(String(part!.body), 'prefix'), ['b', 'a', 'aa'])
  assert.equal(decodePlugins(group(list, '<groupId>com.acme</groupId>'), 'com/acme').length, 3)
})

test('where plugins and versions stand at one path, each is read by who looks for it', () => {
  const both = xml(
    `<groupId>com</groupId><artifactId>acme</artifactId>${versioning(versionList(['1.0']))}${tag('plugins', plugin('b', 'b'))}`,
  )
  assert.deepEqual(
    decodeMetadata(both, 'com/acme', '').packages.map(({ version }) => version),
    ['1.0'],
  )
  assert.deepEqual(
    decodePlugins(both, 'com/acme').map(({ id }) => id),
    ['b'],
  )
  assert.deepEqual(decodePlugins(xml(versioning(versionList(['1.0']))), 'com/acme'), [])
})

test('a document of another kind counts as none', () => {
  const artifact = xml(versioning(versionList(['1.0'])))
  const none: [Uint8Array, string][] = [
    [group(plugin('b', 'b')), ''],
    [group(plugin('b', 'b'), '<groupId>com.acme.tiny</groupId>'), ''],
    [group(plugin('b', 'b')), '1.0-SNAPSHOT'],
    [artifact, '1.0-SNAPSHOT'],
    [snapshotXml(snapshotOf('20240102.030405', '6')), ''],
    [xml(''), ''],
    [xml(versioning('<lastUpdated>20240101000000</lastUpdated>')), ''],
  ]
  for (const [body, part] of none)
    assert.throws(() => decodeMetadata(body, name, part), { status: 404 }, `${body} ${part}`)
})

test('what is broken, costly or about something else is refused with a reason', () => {
  const list = versioning(versionList(['1.0']))
  const refusals: [Uint8Array, RegExp][] = [
    [Buffer.from(''), /not well-formed/],
    [Buffer.from('<html><body>Sign in</body></html>'), /root element .* is <html>, not <metadata>/],
    [Buffer.from('<!DOCTYPE html><html></html>'), /document type/],
    [Buffer.from(`<metadata>${list}`), /not well-formed/],
    [Buffer.from(`<!DOCTYPE m [<!ENTITY a "1">]><metadata>&a;</metadata>`), /document type/],
    [xml(versioning('<latest>&a;</latest>')), /undefined entity/],
    [xml(`<groupId>com.evil</groupId>${list}`), /groupId .* is com.evil, the path's is com.acme/],
    [xml(`<artifactId>large</artifactId>${list}`), /artifactId .* is large, the path's is tiny/],
    [xml(versioning(tag('latest', '1'.repeat(5000)))), /more than 4096 characters/],
    [xml('<a>'.repeat(20) + '</a>'.repeat(20)), /nested deeper/],
    [xml(versioning(versionList(Array<string>(100_001).fill('1')))), /more than 100000 entries/],
    [Buffer.alloc(17 * 1024 * 1024, ' '), /larger than/],
  ]
  for (const [body, message] of refusals)
    assert.throws(() => decodeMetadata(body, name, ''), { status: 400, message }, String(message))
  const otherVersion = xml(`<version>2.0-SNAPSHOT</version>${versioning(snapshotOf('20240102.030405', '6'))}`)
  assert.throws(() => decodeMetadata(otherVersion, name, '1.0-SNAPSHOT'), /about version 2.0-SNAPSHOT/)
  const many = group(plugin('b', 'b').repeat(10_001))
  assert.throws(() => decodePlugins(many, 'com/acme'), /more than 10000 entries/)
  assert.throws(
    () => decodePlugins(group('', '<groupId>com.evil</groupId>'), 'com/acme'),
    /groupId .* is com.evil/,
  )
})

test('fifty thousand versions are read, sorted and written, in pieces with the checksums of the whole', async () => {
  const versions = Array.from({ length: 50_000 }, (_, at) => `${at % 7}.${(at * 7919) % 50_000}.${at}-beta`)
  const parts = await renderedParts(xml(about + versioning(versionList(versions))))
  const pieces = [parts[0]!.body].flat() as string[]
  assert.ok(pieces.length > 10 && pieces.every((piece) => piece.length < 100_000))
  const document = pieces.join('')
  assert.deepEqual(texts(document, 'version'), sortVersions(versions))
  assert.equal(parts.find(({ path }) => path === '.sha1')!.body, hash('sha1', document))
  assert.match(document, /<versions>\n {6}<version>[^<]+<\/version>\n {6}<version>/)
  assert.match(document, /<\/version>\n {4}<\/versions>\n {4}<lastUpdated>/)
})

test('the samples for harnesses are a repository: metadata that is read, files beside it with their checksums', async () => {
  const versions = ['1.0', '1.1-SNAPSHOT'].map((version) => ({
    version,
    jar: Buffer.from(version),
    pom: `<project>${version}</project>`,
  }))
  const sample = { groupId: 'com.acme', artifactId: 'tiny', versions }
  const files = mavenUpstreamFiles(sample)
  const document = await rendered(files.get(`${name}/maven-metadata.xml`)!.body)
  assert.deepEqual(texts(document, 'version'), ['1.0', '1.1-SNAPSHOT'])
  assert.deepEqual([texts(document, 'latest'), texts(document, 'release')], [['1.1-SNAPSHOT'], ['1.0']])
  const snapshot = files.get(`${name}/1.1-SNAPSHOT/maven-metadata.xml`)!.body
  const [pkg] = decodeMetadata(snapshot, name, '1.1-SNAPSHOT').packages
  assert.equal(pkg!.files.length, 2)
  for (const { path } of pkg!.files) assert.ok(files.has(path), path)
  for (const [path, { body }] of files)
    if (!/\.(sha1|md5)$/.test(path)) assert.equal(String(files.get(`${path}.sha1`)!.body), hash('sha1', body))
  const jar = mavenUpstreamFiles({ ...sample, digestHeaders: true }).get(`${name}/1.0/tiny-1.0.jar`)!
  assert.equal(jar.headers!['x-checksum-sha1'], hash('sha1', '1.0'))
})
