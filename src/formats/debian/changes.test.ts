import assert from 'node:assert/strict'
import { test } from 'node:test'
import { valueOf } from './control.ts'
import { withRegistry } from './registry.suite.ts'
import {
  debName,
  debOf,
  sampleChanges,
  sampleSource,
  type SampleFile,
  type SampleUpload,
} from './sample-uploads.ts'

const tiny = { name: 'tiny', version: '1:1.0-1' }
const deb = (sample: SampleUpload): SampleFile => ({ name: debName(sample), content: debOf(sample) })
const library = { name: 'libtiny1', version: '1:1.0-1', architecture: 'amd64', fields: ['Source: tiny'] }
const whole = [...sampleSource(tiny), deb(tiny), deb(library)]

test('a .changes publishes the source package and what was built from it, all at once', () =>
  withRegistry(async ({ send, ask, list, app }) => {
    const buildinfo = { name: 'tiny_1.0-1_amd64.buildinfo', content: Buffer.from('Format: 1.0\n') }
    const changes = sampleChanges(tiny, [...whole, buildinfo], { section: 'contrib/utils' })
    for (const one of whole) assert.equal((await send(one)).status, 201)
    assert.equal((await ask('GET', '/dists/bookworm/InRelease')).status, 404)
    const { status, text } = await send(buildinfo, changes)
    assert.equal(status, 201, text)
    const names = async (path: string) =>
      (await list(`contrib/${path}`)).map((one) => valueOf(one, 'Package'))
    assert.deepEqual(await names('binary-amd64/Packages'), ['libtiny1', 'tiny'])
    const [source] = await list('contrib/source/Sources')
    const folder = 'pool/bookworm/t/tiny/1:1.0-1'
    assert.deepEqual(
      ['Package', 'Version', 'Directory', 'Section'].map((name) => valueOf(source!, name)),
      ['tiny', '1:1.0-1', folder, 'contrib/utils'],
    )
    for (const { name, content } of [...whole.slice(0, 3), buildinfo, changes])
      assert.ok((await ask('GET', `/${folder}/${name}`)).body.equals(content), name)
    const packages = await app.root.json('GET', '/api/v4/projects/acme%2Fapp/packages')
    assert.equal(packages.length, 2)
    // The same upload once more, as after an answer that was lost.
    assert.equal((await send(...whole, changes)).status, 201)
    assert.equal((await send(changes)).status, 201)
  }))

test('where something is missing or another file, nothing is published', () =>
  withRegistry(async ({ send, put, ask }) => {
    const refused = async (expected: RegExp, ...files: readonly SampleFile[]) => {
      const { status, text } = await send(...files)
      assert.equal(status, 400)
      assert.match(text, expected)
      assert.equal((await ask('GET', '/dists/bookworm/InRelease')).status, 404)
    }
    const changes = sampleChanges(tiny, whole)
    const other = deb({ ...tiny, content: 'other' })
    await refused(/^tiny_1\.0-1\.tar\.gz .* is missing: send it/, whole[0]!, other, whole[3]!, changes)
    await refused(/^tiny_1\.0-1_all\.deb .* is missing/, whole[1]!, changes)
    const stranger = deb({ name: 'stranger', version: '1:1.0-1' })
    const withStranger = sampleChanges(tiny, [stranger])
    await refused(/was built from stranger, not from tiny/, stranger, withStranger)
    const renamed = { name: 'libtiny1_1.0-1_all.deb', content: whole[3]!.content }
    await refused(
      /is libtiny1_1\.0-1_amd64\.deb by its control file/,
      renamed,
      sampleChanges(tiny, [renamed]),
    )
    const next = sampleChanges({ ...tiny, version: '1:1.0-2' }, sampleSource(tiny))
    await refused(/describes tiny 1:1\.0-1, the \.changes file tiny 1:1\.0-2/, whole[0]!, whole[1]!, next)
    const twoSources = [...sampleSource(tiny), ...sampleSource({ ...tiny, version: '2.0' })]
    await refused(/lists two source packages/, ...twoSources, sampleChanges(tiny, twoSources))
    const { status, text } = await put(whole[0]!, '?distribution=bookworm')
    assert.equal(status, 400)
    assert.match(text, /published by the \.changes that names it/)
  }))

test('the suite of a .changes gives way to the one that the address says', () =>
  withRegistry(async ({ send, put, list }) => {
    assert.equal((await send(...sampleSource(tiny))).status, 201)
    const changes = sampleChanges(tiny, sampleSource(tiny))
    assert.equal((await put(changes, '?distribution=sid&component=main')).status, 201)
    assert.equal((await list('main/source/Sources', 'sid')).length, 1)
  }))

test('a source package is listed while all of its files are there', () =>
  withRegistry(async ({ send, ask, list }) => {
    assert.equal((await send(...whole, sampleChanges(tiny, whole))).status, 201)
    const path = '/pool/bookworm/t/tiny/1:1.0-1/tiny_1.0-1.tar.gz'
    assert.equal((await ask('DELETE', path)).status, 204)
    assert.deepEqual(await list('main/source/Sources'), [])
    assert.equal((await list('main/binary-amd64/Packages')).length, 2)
  }))

test('what came before its .changes is counted once, so that an upload may fill a quota to its last byte', () =>
  withRegistry(async ({ app, put }) => {
    const upload = { name: 'filling', version: '1.0' }
    const files = [deb(upload)]
    const changes = sampleChanges(upload, files)
    const limit = files[0]!.content.length + changes.content.length
    await app.core.database.write((db) =>
      db.updateTable('projects').set({ packages_size_limit: limit }).execute(),
    )
    for (const one of [...files, changes]) {
      const { status, text } = await put(one)
      assert.equal(status, 201, text)
    }
    const { packages_size } = await app.core.database.read
      .selectFrom('projects')
      .select('packages_size')
      .executeTakeFirstOrThrow()
    assert.equal(packages_size, limit)
  }))
