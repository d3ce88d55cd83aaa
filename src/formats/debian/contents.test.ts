/** Indexes of the paths that packages bring: made by a job, of what each caller sees, as new as the job's last time. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { BlobStore } from '../../storage/blob-store.ts'
import { call } from '../testing/http.ts'
import { withRegistry, type TestRegistry } from './registry.suite.ts'
import { sampleDeb, type SampleDeb } from './sample-debs.ts'
import { debName, type SampleFile } from './sample-uploads.ts'

const suite = '/dists/bookworm'
const query = '?distribution=bookworm'
const restMs = 300_000

function deb(sample: SampleDeb, paths: readonly string[], ending = 'deb'): SampleFile {
  const files = [{ name: './', type: '5' }, ...paths.map((path) => ({ name: `./${path}`, content: 'x' }))]
  return { name: debName(sample, ending), content: sampleDeb({ ...sample, files }) }
}
const version = '1.0'
const hello = { name: 'hello', version, architecture: 'amd64', fields: ['Section: utils'] }
const docs = { name: 'docs', version }
const line = (path: string, packages: string) => `${path.padEnd(55)} ${packages}\n`

function want({ app }: TestRegistry, at = 'projects/acme%2Fapp', contents = true): Promise<unknown> {
  const wish = { codename: 'bookworm', contents }
  return app.root.json('POST', `/api/v4/${at}/debian_distributions`, wish)
}

/** The paths that the Release lists, but for lists of packages. */
async function listed({ ask }: TestRegistry): Promise<readonly string[]> {
  const { status, text } = await ask('GET', `${suite}/Release`)
  assert.equal(status, 200)
  const paths = text.split('\nSHA256:\n')[1]!.trimEnd().split('\n')
  return paths.map((one) => one.split(' ')[3]!).filter((path) => path.includes('Contents'))
}

const read = async ({ ask }: TestRegistry, path = 'main/Contents-amd64') =>
  (await ask('GET', `${suite}/${path}`)).text

/** Asks for the suite, whereupon the job makes what it lacks. */
async function remake(registry: TestRegistry): Promise<void> {
  registry.app.clock.advance(restMs)
  await listed(registry)
  await registry.app.app.worker.drain()
}

test('nothing is read or listed where nobody wants it', () =>
  withRegistry(async (registry) => {
    const { app, put } = registry
    await want(registry, undefined, false)
    assert.equal((await put(deb(hello, ['usr/bin/hello']), query)).status, 201)
    await remake(registry)
    assert.deepEqual(await listed(registry), [])
    assert.deepEqual(await app.core.database.read.selectFrom('file_insides').selectAll().execute(), [])
  }))

test('says of each path which packages bring it, by architecture, in all forms', () =>
  withRegistry(async (registry) => {
    const { put, ask } = registry
    const files = [
      deb(hello, ['usr/bin/hello', 'usr/share/common', 'usr/share/with space', 'etc/new\nline']),
      deb({ ...hello, name: 'hi', fields: [] }, ['usr/share/common', 'usr/bin/hi']),
      deb({ ...hello, version: '2.0' }, ['usr/bin/hello']),
      deb(docs, ['usr/share/doc/docs']),
      deb({ ...hello, name: 'early' }, ['usr/bin/early'], 'udeb'),
    ]
    for (const file of files) assert.equal((await put(file, query)).status, 201)
    await want(registry)
    assert.deepEqual(await listed(registry), [])
    await registry.app.app.worker.drain()
    const forms = ['', '.gz', '.zst']
    const lists = ['all', 'amd64', 'udeb-amd64'].map((name) => `main/Contents-${name}`)
    assert.deepEqual(
      await listed(registry),
      lists.flatMap((list) => forms.map((form) => list + form)),
    )
    const expected = [
      line('usr/bin/hello', 'utils/hello'),
      line('usr/bin/hi', 'hi'),
      line('usr/share/common', 'hi,utils/hello'),
      line('usr/share/with space', 'utils/hello'),
    ]
    assert.equal(await read(registry), expected.join(''))
    assert.equal(await read(registry, 'main/Contents-all'), line('usr/share/doc/docs', 'docs'))
    assert.equal(await read(registry, 'main/Contents-udeb-amd64'), line('usr/bin/early', 'utils/early'))
    const { text: release } = await ask('GET', `${suite}/Release`)
    for (const [form, unpack] of [
      ['', (bytes: Buffer) => bytes],
      ['.gz', gunzipSync],
      ['.zst', zstdDecompressSync],
    ] as const) {
      const { body } = await ask('GET', `${suite}/main/Contents-amd64${form}`)
      const sha256 = hash('sha256', body)
      assert.equal(unpack(body).toString(), expected.join(''))
      assert.ok(release.includes(` ${sha256} ${body.length} main/Contents-amd64${form}\n`), form)
      assert.ok((await ask('GET', `${suite}/main/by-hash/SHA256/${sha256}`)).body.equals(body))
    }
  }))

test('follows what is published and removed, some minutes later; each file is read once', () =>
  withRegistry(async (registry) => {
    const { app, put, ask } = registry
    await want(registry)
    assert.equal((await put(deb(hello, ['usr/bin/hello']), query)).status, 201)
    await remake(registry)
    const first = await read(registry)
    assert.equal(first, line('usr/bin/hello', 'utils/hello'))
    const other = { ...hello, name: 'other' }
    assert.equal((await put(deb(other, ['usr/bin/other']), query)).status, 201)
    assert.match((await ask('GET', `${suite}/main/binary-amd64/Packages`)).text, /Package: other/)
    await app.app.worker.drain()
    assert.equal(await read(registry), first, 'made again at once')
    app.clock.advance(restMs)
    await app.app.worker.drain()
    assert.equal(await read(registry), first + line('usr/bin/other', 'utils/other'))
    assert.equal((await ask('DELETE', `/pool/bookworm/h/hello/1.0/${debName(hello)}`)).status, 204)
    await remake(registry)
    assert.equal(await read(registry), line('usr/bin/other', 'utils/other'))
    const rows = await app.core.database.read.selectFrom('file_insides').selectAll().execute()
    assert.equal(rows.length, 2)
    const settings = '/api/v4/projects/acme%2Fapp/debian_distributions/bookworm'
    await app.root.json('PUT', settings, { contents: false })
    assert.deepEqual(await listed(registry), [])
  }))

test('a package whose files cannot be unpacked adds nothing', () =>
  withRegistry(async (registry) => {
    const { app, put } = registry
    await want(registry)
    const spoilt = sampleDeb({ ...hello, name: 'spoilt' }, (members) =>
      members.with(2, { ...members[2]!, content: Buffer.from('no tape at all') }),
    )
    assert.equal((await put({ name: 'spoilt.deb', content: spoilt }, query)).status, 201)
    assert.equal((await put(deb(hello, ['usr/bin/hello']), query)).status, 201)
    await remake(registry)
    assert.equal(await read(registry), line('usr/bin/hello', 'utils/hello'))
    const rows = await app.core.database.read.selectFrom('file_insides').select('problem').execute()
    assert.equal(rows.filter(({ problem }) => problem?.includes('xz')).length, 1)
  }))

/** No key of anything. */
const unused = (key: string) => `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`

test('bytes that are damaged or missing are not read, and may be later', () => {
  const names = ['damaged', 'missing', 'sound']
  /** What is wrong with the bytes at a key. */
  const broken = new Map<string, string>()
  const store = (blobs: BlobStore): BlobStore => ({
    ...blobs,
    open(key, range) {
      if (broken.get(key) === 'damaged') return Readable.from([Buffer.alloc(range!.end! + 1)])
      return blobs.open(broken.get(key) === 'missing' ? unused(key) : key, range)
    },
  })
  return withRegistry(
    async (registry) => {
      const { app, put } = registry
      await want(registry)
      for (const name of names)
        assert.equal((await put(deb({ ...hello, name }, [`usr/bin/${name}`]), query)).status, 201)
      const files = app.core.database.read.selectFrom('files').innerJoin('blobs', 'blobs.id', 'files.blob_id')
      for (const { path, storage_key: key } of await files.select(['path', 'storage_key']).execute())
        broken.set(key, path.split('/')[3]!)
      await remake(registry)
      assert.equal(await read(registry), line('usr/bin/sound', 'utils/sound'))
      assert.equal(app.errors.splice(0).length, 1, 'the damage is told')
      broken.clear()
      assert.equal((await put(deb(docs, []), query)).status, 201)
      await remake(registry)
      assert.equal(
        await read(registry),
        names.map((name) => line(`usr/bin/${name}`, `utils/${name}`)).join(''),
      )
    },
    { store },
  )
})

test('a package that is no longer understood is left out, and told of', () =>
  withRegistry(async (registry) => {
    const { app, put } = registry
    await want(registry)
    const odd = { ...hello, name: 'odd' }
    for (const sample of [hello, odd])
      assert.equal((await put(deb(sample, [`usr/bin/${sample.name}`]), query)).status, 201)
    await app.core.database.write((db) =>
      db.updateTable('files').set({ metadata: '{"v":99}' }).where('path', 'like', '%/odd/%').execute(),
    )
    await remake(registry)
    assert.equal(await read(registry), line('usr/bin/hello', 'utils/hello'))
    assert.match(app.errors.splice(0).join(''), /no longer decodes/)
  }))

test('lists that would be too long are left out, and the others are made', () => {
  const warnings: string[] = []
  const log = (text: string) => void (text.includes('too long') && warnings.push(text))
  return withRegistry(
    async (registry) => {
      const { app, put } = registry
      await want(registry)
      for (const sample of [hello, docs])
        assert.equal((await put(deb(sample, [`usr/bin/${sample.name}`]), query)).status, 201)
      await remake(registry)
      const size = 200 * 1024 * 1024
      await app.core.database.write((db) =>
        db
          .updateTable('file_insides')
          .set({ size })
          .where('blob_id', 'in', (eb) =>
            eb.selectFrom('files').select('blob_id').where('path', 'like', '%/hello/%'),
          )
          .execute(),
      )
      assert.equal((await put(deb({ ...docs, version: '2.0' }, ['usr/bin/docs']), query)).status, 201)
      await remake(registry)
      const lists = await listed(registry)
      assert.deepEqual(lists, ['main/Contents-all', 'main/Contents-all.gz', 'main/Contents-all.zst'])
      assert.equal(warnings.length, 1)
    },
    { log },
  )
})

test('a group’s has the paths of what the caller may read there, and of no other package', () =>
  withRegistry(async (registry) => {
    const { app, put, at } = registry
    await app.group('acme')
    const open = await app.project('acme/open', { visibility: 'private' })
    const openAt = `${app.url}/api/v4/projects/${open.id}/packages/debian`
    const file = deb({ ...hello, name: 'open' }, ['usr/bin/open'])
    const body = file.content
    assert.equal((await put(deb(hello, ['usr/bin/secret']), query)).status, 201)
    const path = `/${file.name}${query}`
    assert.equal((await call(app.root, openAt, { method: 'PUT', path, body })).status, 201)
    const shadowed = deb({ ...hello, version: '9.0' }, ['usr/bin/shadowed'])
    const other = { method: 'PUT', path: `/${shadowed.name}${query}`, body: shadowed.content } as const
    assert.equal((await call(app.root, openAt, other)).status, 201)
    await want(registry, 'groups/acme')
    const guest = await app.user('guest')
    await app.member(guest, 'acme/open', 20)
    const prefix = at.replace('projects/acme%2Fapp', 'groups/acme/-')
    const seen = async (who: typeof guest) => {
      await call(who, prefix, { method: 'GET', path: `${suite}/Release` })
      await app.app.worker.drain()
      return (await call(who, prefix, { method: 'GET', path: `${suite}/main/Contents-amd64` })).text
    }
    const both = line('usr/bin/open', 'utils/open') + line('usr/bin/secret', 'utils/hello')
    assert.equal(await seen(app.root), both)
    assert.equal(await seen(guest), line('usr/bin/open', 'utils/open'))
    for (const place of [prefix, openAt]) {
      const asked = { method: 'GET', path: `${suite}/main/Contents-amd64` } as const
      assert.equal((await call(await app.user('stranger'), place, asked)).status, 404, place)
    }
  }))
