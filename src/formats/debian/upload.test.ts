import assert from 'node:assert/strict'
import { test } from 'node:test'
import { valueOf, type Paragraph } from './control.ts'
import { withRegistry } from './registry.suite.ts'
import { debName, debOf, type SampleFile, type SampleUpload } from './sample-uploads.ts'

const file = (sample: SampleUpload, name = debName(sample)): SampleFile => ({ name, content: debOf(sample) })
const hello = { name: 'hello', version: '1:2.10-3', architecture: 'amd64' }
const field = (name: string) => (paragraph: Paragraph) => valueOf(paragraph, name)

test('a package goes into the suite and component that its address says', () =>
  withRegistry(async ({ put, ask, list }) => {
    const query = '?distribution=bookworm/updates&component=contrib'
    const { status, text } = await put(file(hello, 'whatever.deb'), query)
    assert.deepEqual([status, text], [201, '201 Created\n'])
    const [found] = await list('contrib/binary-amd64/Packages', 'bookworm/updates')
    const path = 'pool/bookworm/updates/h/hello/1:2.10-3/hello_2.10-3_amd64.deb'
    assert.deepEqual([field('Version')(found!), field('Filename')(found!)], ['1:2.10-3', path])
    const { body } = await ask('GET', `/${path}`)
    assert.ok(body.equals(debOf(hello)))
    assert.deepEqual(await list('contrib/binary-all/Packages', 'bookworm/updates'), [])
  }))

test('packages for all stand in every list, installer packages in their own, debug symbols with the others', () =>
  withRegistry(async ({ put, list }) => {
    const all = { name: 'shared', version: '1.0' }
    const files = [
      file(hello),
      file(all),
      file({ ...all, name: 'symbols' }, 'symbols_1.0_all.ddeb'),
      file({ ...all, name: 'early' }, 'early_1.0_all.udeb'),
    ]
    for (const one of files) assert.equal((await put(one, '?distribution=bookworm')).status, 201)
    const names = async (path: string) => (await list(path)).map(field('Package'))
    assert.deepEqual(await names('main/binary-amd64/Packages'), ['hello', 'shared', 'symbols'])
    assert.deepEqual(await names('main/binary-all/Packages'), ['shared', 'symbols'])
    assert.deepEqual(await names('main/debian-installer/binary-amd64/Packages'), ['early'])
  }))

test('the same version may be another package in another suite, but not in the same', () =>
  withRegistry(async ({ put, list }) => {
    const other = { ...hello, content: 'other' }
    assert.equal((await put(file(hello), '?distribution=one')).status, 201)
    assert.equal((await put(file(other), '?distribution=two')).status, 201)
    assert.equal((await put(file(hello), '?distribution=one')).status, 201)
    const { status, text } = await put(file(other), '?distribution=one')
    assert.deepEqual([status, text], [400, 'Duplicate package is not allowed\n'])
    const sums = await Promise.all(['one', 'two'].map((suite) => list('main/binary-amd64/Packages', suite)))
    assert.equal(new Set(sums.flat().map(field('SHA256'))).size, 2)
  }))

test('a suite is there under the alias that owners set, for uploads too', () =>
  withRegistry(async ({ app, put, ask, list }) => {
    const settings = { codename: 'trixie', suite: 'stable', origin: 'Acme', architectures: ['arm64'] }
    const made = await app.root.json('POST', '/api/v4/projects/acme%2Fapp/debian_distributions', settings)
    assert.deepEqual([made.codename, made.suite], ['trixie', 'stable'])
    assert.equal((await put(file({ ...hello, architecture: 'all' }), '?distribution=stable')).status, 201)
    for (const suite of ['trixie', 'stable'])
      assert.equal((await list('main/binary-arm64/Packages', suite)).length, 1)
    const { text } = await ask('GET', '/dists/stable/Release')
    assert.match(text, /^Origin: Acme\nSuite: stable\nCodename: trixie\n/)
  }))
