import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { DocumentPart, NameView } from '../format.ts'
import { send } from './fake-client.ts'
import { FakeRegistry, links, textOf } from './fake-registry.ts'
import type { NpmModels } from './manifest.ts'
import { packument } from './packument.ts'
import { sampleBody, sampleTarball, type SampleBody } from './samples.ts'

const name = '@acme/hello'

async function publish(
  registry: FakeRegistry,
  version: string,
  change: (body: SampleBody) => void = () => undefined,
) {
  const body = sampleBody({ name, version, content: version }, version.includes('-') ? 'next' : 'latest')
  change(body)
  const request = { method: 'PUT', path: '/@acme%2fhello', body: JSON.stringify(body) } as const
  assert.equal((await send(registry, request)).status, 201)
}

async function render(registry: FakeRegistry) {
  const view = (await registry.find(name)) as NameView<NpmModels>
  const parts = (await packument.encode(view, { links, changedAt: view.changedAt })) as
    | DocumentPart[]
    | undefined
  const [full, short] = parts ?? []
  return { full: JSON.parse(textOf(full)), short: JSON.parse(textOf(short)), parts, view }
}

test('keeps every field of the manifest and derives dist', async () => {
  const registry = new FakeRegistry()
  const extra = {
    custom: { deep: [1, 'x'] },
    scripts: { postinstall: 'node x' },
    bin: { hi: 'hi.js' },
    __proto__x: 1,
  }
  await publish(registry, '1.0.0', (body) => {
    const manifest = body.versions['1.0.0']
    assert.ok(manifest)
    Object.assign(manifest, extra, {
      readme: '# Hello',
      readmeFilename: 'README.md',
      _npmUser: { name: 'mallory' },
    })
    Object.assign(manifest.dist, { fileCount: 3, unpackedSize: 99, signatures: [{ keyid: 'k', sig: 's' }] })
  })
  const { full, short } = await render(registry)
  const tarball = sampleTarball('1.0.0')
  const dist = {
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
    shasum: createHash('sha1').update(tarball).digest('hex'),
    tarball: 'https://packages.example/npm/@acme/hello/-/hello-1.0.0.tgz',
    fileCount: 3,
    unpackedSize: 99,
    signatures: [{ keyid: 'k', sig: 's' }],
  }
  const identity = {
    name,
    version: '1.0.0',
    _id: `${name}@1.0.0`,
    description: `A sample called ${name}`,
    license: 'MIT',
  }
  const added = { readmeFilename: 'README.md', hasInstallScript: true, _npmUser: { name: 'alice' }, dist }
  assert.deepEqual(full.versions['1.0.0'], { ...identity, ...extra, ...added })
  assert.deepEqual(short.versions['1.0.0'], {
    name,
    version: '1.0.0',
    bin: extra.bin,
    hasInstallScript: true,
    dist,
  })
  assert.deepEqual([full.readme, full.readmeFilename, full.license], ['# Hello', 'README.md', 'MIT'])
})

test('the full form has revision, tags and times, the short one what installing needs', async () => {
  const registry = new FakeRegistry()
  for (const version of ['1.10.0', '1.2.0', '2.0.0-rc.1']) await publish(registry, version)
  const { full, short, parts, view } = await render(registry)
  assert.deepEqual(Object.keys(full.versions), ['1.2.0', '1.10.0', '2.0.0-rc.1'])
  assert.deepEqual(full['dist-tags'], { latest: '1.2.0', next: '2.0.0-rc.1' })
  assert.deepEqual([full._id, full.name, full._rev], [name, name, view.revision])
  assert.equal(full.time['1.2.0'], view.packages[0]?.publishedAt.toISOString())
  assert.deepEqual(
    [full.time.created, full.time.modified],
    [view.createdAt.toISOString(), view.changedAt.toISOString()],
  )
  assert.deepEqual(Object.keys(short), ['name', 'dist-tags', 'versions', 'modified'])
  assert.deepEqual(
    parts?.map((part) => part.path),
    ['', 'short'],
  )
  assert.equal(parts?.[1]?.contentType, 'application/vnd.npm.install-v1+json')
})

test('latest is the highest release where nobody set it', async () => {
  const registry = new FakeRegistry()
  for (const version of ['1.9.0', '1.10.0', '2.0.0-rc.1']) await publish(registry, version)
  await registry.tag(name, 'latest', null)
  assert.equal((await render(registry)).full['dist-tags'].latest, '1.10.0')
  await registry.remove(name, { versions: ['1.9.0', '1.10.0'] })
  const { full } = await render(registry)
  assert.equal(full['dist-tags'].latest, '2.0.0-rc.1')
  assert.ok(full.time['1.10.0'], 'the time of a removed version stays')
})

test('a name without versions has no packument', async () => {
  const registry = new FakeRegistry()
  await publish(registry, '1.0.0')
  await registry.remove(name)
  assert.equal((await render(registry).catch(() => ({ parts: undefined }))).parts, undefined)
})

test('a deprecation is shown in both forms', async () => {
  const registry = new FakeRegistry()
  await publish(registry, '1.0.0')
  await registry.amend(name, [{ version: '1.0.0', standing: { kind: 'deprecated', reason: 'use "2"' } }])
  const { full, short } = await render(registry)
  assert.equal(full.versions['1.0.0'].deprecated, 'use "2"')
  assert.equal(short.versions['1.0.0'].deprecated, 'use "2"')
})
