import assert from 'node:assert/strict'
import { randomBytes, hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RemoteName } from '../format.ts'
import { links, textOf, viewOf } from './fake-registry.ts'
import { decodeManifest, type NpmModels } from './manifest.ts'
import { packument } from './packument.ts'
import { decodePackument } from './remote-name.ts'
import { npmUpstreamFiles, type UpstreamPackage, type UpstreamVersion } from './upstream-samples.testing.ts'

const base = 'https://elsewhere.example/mirror'
const tarballOf = (version: string) => Buffer.from(`tarball of ${version}`)
const one = (version: string, more: Omit<UpstreamVersion, 'version' | 'tarball'> = {}): UpstreamVersion => ({
  version,
  tarball: tarballOf(version),
  ...more,
})

async function render(remote: RemoteName<NpmModels>): Promise<{ '': any; short: any }> {
  const view = viewOf(remote)
  const parts = (await packument.encode(view, { links, changedAt: view.changedAt })) ?? []
  const read = (path: string) => {
    const text = textOf(parts.find((part) => part.path === path))
    return text === '' ? undefined : JSON.parse(text)
  }
  return { '': read(''), short: read('short') }
}

function answersOf(pkg: UpstreamPackage) {
  const found = npmUpstreamFiles(pkg).get(`/${pkg.name.replace('/', '%2f')}`)
  assert.ok(found?.abbreviated)
  return { '': found.body, short: found.abbreviated.body }
}

/** The original as it must come out: tarballs and attestations at our addresses. */
function moved(manifest: any, name: string): any {
  const file = manifest.dist.tarball.split('/').at(-1)
  const dist = { ...manifest.dist, tarball: `https://packages.example/npm/${name}/-/${file}` }
  if (dist.attestations) {
    const url = `https://packages.example/npm/-/npm/v1/attestations/${name}@${manifest.version}`
    dist.attestations = { ...dist.attestations, url }
  }
  return { ...manifest, dist }
}

const rich: UpstreamPackage = {
  name: '@acme/Hello',
  base,
  tags: { latest: '1.2.0', next: '2.0.0-rc.1' },
  versions: [
    one('1.0.0', {
      manifest: {
        scripts: { postinstall: 'node x' },
        deprecated: 'use "2"',
        bin: { hi: 'hi.js' },
        hasOwnProperty: 'x',
      },
      attestations: [{ predicateType: 'https://slsa.example/v1', bundle: {} }],
    }),
    one('1.2.0', {
      manifest: {
        dependencies: { left: '^1', constructor: '1' },
        peerDependencies: { react: '>=18' },
        peerDependenciesMeta: { react: { optional: true } },
        engines: { node: '>=18' },
        os: ['linux'],
        cpu: ['x64'],
        libc: ['glibc'],
        funding: { url: 'https://funding.example' },
        _hasShrinkwrap: true,
        custom: { deep: [1, 'x', null] },
        _npmUser: { name: 'bot', trustedPublisher: { id: 'ci', oidcConfigId: 'x' } },
      },
      dist: { signatures: [{ keyid: 'k', sig: 's' }], 'npm-signature': 'pgp' },
    }),
    one('2.0.0-rc.1', { dist: { integrity: undefined } }),
    one('1.10.0', { dist: { integrity: `sha1-${hash('sha1', tarballOf('1.10.0'), 'base64')}` } }),
  ],
}

test('what is rendered of a packument says of every version what the original said', async () => {
  const answers = answersOf(rich)
  const original = JSON.parse(String(answers['']))
  const { '': rendered, short } = await render(decodePackument(answers[''], rich.name, ''))
  for (const [version, manifest] of Object.entries<any>(original.versions)) {
    const runs = manifest.scripts === undefined ? {} : { hasInstallScript: true }
    assert.deepEqual(rendered.versions[version], { ...moved(manifest, rich.name), ...runs }, version)
  }
  for (const field of [
    '_id',
    'name',
    'dist-tags',
    'time',
    'readme',
    'readmeFilename',
    'maintainers',
    'license',
  ])
    assert.deepEqual(rendered[field], original[field], field)
  assert.deepEqual(Object.keys(rendered.versions), ['1.0.0', '1.2.0', '1.10.0', '2.0.0-rc.1'])
  const abbreviated = JSON.parse(String(answers.short))
  for (const [version, manifest] of Object.entries<any>(abbreviated.versions))
    assert.deepEqual(short.versions[version], moved(manifest, rich.name), version)
})

test('the abbreviated form survives with every field, also those that nobody knows yet', async () => {
  const original = JSON.parse(String(answersOf(rich).short))
  original.versions['1.2.0'].invented = { later: true }
  const decoded = decodePackument(Buffer.from(JSON.stringify(original)), rich.name, 'short')
  const { short } = await render(decoded)
  assert.equal(original.versions['1.0.0'].hasInstallScript, true)
  for (const [version, manifest] of Object.entries(original.versions))
    assert.deepEqual(short.versions[version], moved(manifest, rich.name), version)
  for (const field of ['name', 'dist-tags', 'modified']) assert.deepEqual(short[field], original[field])
})

test('a registry that answers in full where the abbreviated form was asked is abbreviated here', async () => {
  const answers = answersOf(rich)
  const { short } = await render(decodePackument(answers[''], rich.name, 'short'))
  const original = JSON.parse(String(answers.short))
  for (const [version, manifest] of Object.entries(original.versions))
    assert.deepEqual(short.versions[version], moved(manifest, rich.name), version)
})

test('times, digests, paths and standings are in the model', () => {
  const { packages, createdAt, changedAt, tags } = decodePackument(answersOf(rich)[''], rich.name, '')
  const [first] = packages
  assert.equal(createdAt?.toISOString(), '2020-01-01T12:00:00.000Z')
  assert.equal(changedAt?.toISOString(), '2020-01-04T12:00:00.000Z')
  assert.equal(first?.publishedAt?.toISOString(), '2020-01-01T12:00:00.000Z')
  assert.deepEqual(first?.standing, { kind: 'deprecated', reason: 'use "2"' })
  assert.deepEqual(first?.files, [
    {
      path: '@acme/Hello/-/Hello-1.0.0.tgz',
      digests: { sha512: hash('sha512', tarballOf('1.0.0')), sha1: hash('sha1', tarballOf('1.0.0')) },
      metadata: {},
    },
  ])
  assert.deepEqual(tags, rich.tags)
  for (const { metadata } of packages)
    assert.deepEqual(decodeManifest(JSON.parse(JSON.stringify(metadata))), metadata)
  assert.equal(decodePackument(answersOf(rich).short, rich.name, 'short').packages[0]?.publishedAt, undefined)
})

/** A packument of good 1.0.0 and something else. */
function decodeWith(change: (document: any) => void, part = ''): RemoteName<NpmModels> {
  const document = JSON.parse(
    String(answersOf({ name: 'x', base, versions: [one('1.0.0'), one('1.1.0')] })['']),
  )
  change(document)
  return decodePackument(Buffer.from(JSON.stringify(document)), 'x', part)
}
const versionsOf = ({ packages }: RemoteName<NpmModels>) => packages.map(({ version }) => version)

test('a version that is odd in any way is left out, the others stay', async () => {
  const odd: readonly unknown[] = [null, [], 7, 'x', true, {}, { dist: null }, { dist: [] }, { dist: 'x' }]
  const changes: readonly ((manifest: any) => unknown)[] = [
    ...odd.map((value) => () => value),
    (manifest) => ({ ...manifest, name: 'y' }),
    (manifest) => ({ ...manifest, name: 7 }),
    (manifest) => ({ ...manifest, version: '1.1.1' }),
    (manifest) => ({ ...manifest, version: {} }),
    (manifest) => ({ ...manifest, dist: { ...manifest.dist, integrity: 'sha512-AAAA' } }),
    (manifest) => ({ ...manifest, dist: { ...manifest.dist, shasum: 'zz' } }),
    (manifest) => ({
      ...manifest,
      dist: { ...manifest.dist, shasum: '0'.repeat(40), integrity: 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAE=' },
    }),
    (manifest) => ({ ...manifest, huge: 'x'.repeat(3 * 1024 * 1024) }),
  ]
  for (const change of changes) {
    const decoded = decodeWith(({ versions }) => (versions['1.1.0'] = change(versions['1.1.0'])))
    assert.deepEqual(versionsOf(decoded), ['1.0.0'], change.toString())
    assert.deepEqual(decoded.tags, {}, 'a tag of nothing')
    assert.deepEqual(Object.keys((await render(decoded))[''].versions), ['1.0.0'])
  }
  for (const key of ['1.0', 'latest', '../1.0.0', '1.0.0\n', '__proto__', 'x'.repeat(300), '']) {
    const decoded = decodeWith((document) => {
      document.versions = JSON.parse(`{${JSON.stringify(key)}:{"dist":{}},"1.0.0":{"dist":{}}}`)
    })
    assert.deepEqual(versionsOf(decoded), ['1.0.0'], key)
  }
})

test('a version is there once, in our spelling', () => {
  const decoded = decodeWith(({ versions, ...document }) => {
    versions['v1.1.0'] = { ...versions['1.1.0'], version: 'v1.1.0', spelled: 'otherwise' }
    versions['2.0.0+build'] = { ...versions['1.1.0'], version: '2.0.0+build' }
    document['dist-tags'].latest = '2.0.0+build'
  })
  assert.deepEqual(versionsOf(decoded), ['1.0.0', '1.1.0', '2.0.0'])
  assert.deepEqual(decoded.tags, { latest: '2.0.0' })
  assert.ok(!decoded.packages[1]?.metadata.full.includes('otherwise'))
  const other = decodeWith((document) => {
    const good = document.versions['1.1.0']
    document.versions = { 'v1.1.0': { ...good, spelled: 'otherwise' }, '1.1.0': good }
  })
  assert.deepEqual(versionsOf(other), ['1.1.0'])
  assert.ok(!other.packages[0]?.metadata.full.includes('otherwise'))
  assert.equal(decoded.packages[2]?.files[0]?.path, 'x/-/x-2.0.0.tgz')
})

test('what stands around versions may be odd', async () => {
  const bare = decodeWith((document) => {
    for (const field of ['time', 'dist-tags', 'readme', 'maintainers']) document[field] = null
  })
  assert.deepEqual([versionsOf(bare), bare.tags, bare.createdAt], [['1.0.0', '1.1.0'], {}, undefined])
  assert.equal((await render(bare))['']['dist-tags'].latest, '1.1.0')
  const odd = decodeWith((document) => {
    document.time = {
      created: 7,
      modified: 'yesterday',
      '1.0.0': '2020-13-99T00:00:00Z',
      '1.1.0': '2020-01-02',
    }
    document['dist-tags'] = JSON.parse(
      '{"__proto__":"1.0.0","constructor":"1.0.0","a":7,"b":"9.9.9","":"1.0.0","latest":"1.0.0"}',
    )
  })
  assert.deepEqual({ ...odd.tags }, { constructor: '1.0.0', latest: '1.0.0' })
  assert.deepEqual(
    [odd.createdAt, odd.changedAt, odd.packages[0]?.publishedAt],
    [undefined, undefined, undefined],
  )
  assert.equal(odd.packages[1]?.publishedAt?.toISOString(), '2020-01-02T00:00:00.000Z')
  for (const [deprecated, standing] of [
    ['', undefined],
    [false, undefined],
    [null, undefined],
    [true, { kind: 'deprecated' }],
    ['x'.repeat(9999), { kind: 'deprecated', reason: 'x'.repeat(4096) }],
  ] as const) {
    const decoded = decodeWith(({ versions }) => (versions['1.0.0'].deprecated = deprecated))
    assert.deepEqual(decoded.packages[0]?.standing, standing)
  }
})

test('a name without versions, as one that was unpublished, is a name without versions', async () => {
  const gone = { _id: 'x', name: 'x', time: { created: '2020-01-01T00:00:00.000Z', unpublished: {} } }
  const decoded = decodePackument(Buffer.from(JSON.stringify(gone)), 'x', '')
  assert.deepEqual([decoded.packages, decoded.tags], [[], {}])
  assert.deepEqual(await render(decoded), { '': undefined, short: undefined })
})

test('what is no packument of this name is refused in words', () => {
  const decode = (text: string) => () => decodePackument(Buffer.from(text), 'x', '')
  assert.throws(decode('<html>'), /not valid JSON/)
  assert.throws(decode('[]'), /not a JSON object/)
  for (const text of ['{}', '{"error":"no"}', '{"name":"X"}', '{"name":["x"]}'])
    assert.throws(decode(text), /is not about x/)
  for (const versions of ['[]', '"x"', '7'])
    assert.throws(decode(`{"name":"x","versions":${versions}}`), /versions of the packument is not an object/)
  assert.throws(decode('{"name":"x","versions":{},"dist-tags":[]}'), /dist-tags/)
  const deep = `{"name":"x","versions":{"1.0.0":${'['.repeat(10_000_000)}`
  assert.throws(decode(deep), /nested deeper than 200 levels/)
  const many = Array.from({ length: 100_001 }, (_, index) => `"1.0.${index}":0`).join(',')
  assert.throws(decode(`{"name":"x","versions":{${many}}}`), /more than 100000 versions/)
})

test('a packument of 10,000 versions (20 MB) is read in well under a second', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `dependency-${index}`)
  const dependencies = Object.fromEntries(names.map((name, index) => [name, `^${index}.0.0`]))
  const manifest = { dependencies, scripts: { test: 'node --test' }, x: randomBytes(200).toString('hex') }
  const versions = Array.from({ length: 10_000 }, (_, index) =>
    one(`1.${index % 100}.${index}`, { manifest }),
  )
  const answers = answersOf({ name: 'many', base, versions })
  assert.ok(answers[''].length > 20_000_000, `${answers[''].length} bytes`)
  for (const part of ['', 'short'] as const) {
    // The processor's time: others may use it, too.
    const before = process.cpuUsage()
    const decoded = decodePackument(answers[part], 'many', part)
    const { user, system } = process.cpuUsage(before)
    assert.equal(decoded.packages.length, 10_000)
    assert.ok(user + system < 1_000_000, `${part || 'full'}: ${user + system} microseconds`)
  }
})

test('any manifest survives', async () => {
  const values = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
  const ours = new Set([
    'name',
    'version',
    '_id',
    'dist',
    'deprecated',
    'readme',
    'readmeFilename',
    'hasInstallScript',
  ])
  await fc.assert(
    fc.asyncProperty(values, values, async (extra, distExtra) => {
      const manifest = Object.fromEntries(Object.entries(extra).filter(([key]) => !ours.has(key)))
      const dist = Object.fromEntries(
        Object.entries(distExtra).filter(
          ([key]) => !['integrity', 'shasum', 'tarball', 'attestations'].includes(key),
        ),
      )
      const pkg = { name: 'x', base, versions: [one('1.0.0', { manifest, dist })] }
      const original = JSON.parse(String(answersOf(pkg)['']))
      const { '': rendered } = await render(decodePackument(answersOf(pkg)[''], 'x', ''))
      const { hasInstallScript: _, ...shown } = rendered.versions['1.0.0']
      assert.equal(sorted(shown), sorted(moved(original.versions['1.0.0'], 'x')))
    }),
  )
})

/** As text, so that a member called `__proto__` counts. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${sorted(member)}`)
  return `{${members.toSorted().join()}}`
}
