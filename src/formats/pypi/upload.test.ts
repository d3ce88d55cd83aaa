import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { wheelForm, withRegistry } from './registry.suite.ts'
import { sampleAttestation } from './sample-attestation.ts'
import { metadataText, sampleSdist, sampleWheel, sdistName, sha256, wheelName } from './sample-archives.ts'
import { sampleForm, type SampleForm } from './samples.ts'

function formOf(
  content: Uint8Array,
  fileName: string,
  more: Record<string, readonly string[]> = {},
): SampleForm {
  const form = wheelForm('hello', '1.0')
  return { fields: { ...form.fields, sha256_digest: [sha256(content)], ...more }, fileName, content }
}

test('an upload is answered as GitLab answers, with the record of the file where that is asked', () =>
  withRegistry(async ({ upload, at, app }) => {
    const form = wheelForm('hello', '1.0')
    const plain = await upload(form)
    assert.deepEqual([plain.status, JSON.parse(plain.text)], [201, { message: '201 Created' }])
    const { status, text } = await upload(form, { query: '?select=package_file' })
    const record = JSON.parse(text)
    assert.deepEqual(
      [status, record.file_name, record.file_sha256],
      [201, form.fileName, sha256(form.content)],
    )
    assert.equal(record.file_md5, createHash('md5').update(form.content).digest('hex'))
    assert.equal((await upload(form, { query: '?select=all' })).status, 400)
    // The address without a slash, which GitLab's documentation tells twine.
    const bare = await app.root.post(at, form.content)
    assert.equal(bare.status, 415)
  }))

test('fields may come before the file or behind it, and from old tools', () =>
  withRegistry(async ({ app, at, get }) => {
    const content = sampleWheel({ name: 'hello', version: '1.0' })
    const form = new FormData()
    form.append('content', new Blob([content as Uint8Array<ArrayBuffer>]), 'hello-1.0-py3-none-any.whl')
    for (const [name, value] of Object.entries({ name: 'hello', version: '1.0', ':action': 'file_upload' }))
      form.append(name, value)
    form.append('gpg_signature', new Blob(['signed']), 'hello-1.0-py3-none-any.whl.asc')
    const reply = await fetch(at, {
      method: 'POST',
      headers: { 'private-token': app.root.token },
      body: form,
    })
    assert.equal(reply.status, 201, await reply.text())
    assert.match((await get('/simple/hello/')).text, /hello-1\.0-py3-none-any\.whl/)
  }))

test('other bytes and other spellings of a file name are refused in words for twine and uv', () =>
  withRegistry(async ({ upload }) => {
    assert.equal((await upload(wheelForm('hello', '1.0'))).status, 201)
    const other = wheelForm('hello', '1.0', 'other')
    const twin = { ...other, fileName: 'Hello-1.0.0-PY3-none-any.whl' }
    for (const form of [other, twin]) {
      const refusal = await upload(form)
      assert.equal(refusal.status, 400)
      assert.match(refusal.text, /Validation failed: File name has already been taken/)
      assert.match(refusal.text, /hello-1\.0-py3-none-any\.whl already exists/)
    }
  }))

test('metadata comes from a wheel, before one from a source distribution', () =>
  withRegistry(async ({ upload, get }) => {
    const summary = async () => JSON.parse((await get('/pypi/hello/1.0/json')).text).info.summary
    const sample = { name: 'hello', version: '1.0' }
    const source = sampleSdist(sample, (files) => {
      const content = metadataText(sample).replace('A sample called hello', 'From source')
      return files.with(1, { name: 'hello-1.0/PKG-INFO', content })
    })
    assert.equal((await upload(formOf(source, sdistName(sample)))).status, 201)
    assert.equal(await summary(), 'From source')
    assert.equal((await upload(wheelForm('hello', '1.0'))).status, 201)
    assert.equal(await summary(), 'A sample called hello')
    const zip = formOf(source, 'hello-1.0.zip')
    assert.equal((await upload(zip)).status, 400, 'a tape is no zip')
  }))

test('requirements are compared, however they are spelled', () =>
  withRegistry(async ({ upload }) => {
    const metadata = [
      'Requires-Python: >=3.8, <4',
      "Requires-Dist: b ; extra == 'x'",
      'Requires-Dist: a (>=1,<2)',
    ]
    const content = sampleWheel({ name: 'hello', version: '1.0', metadata })
    const fileName = 'hello-1.0-py3-none-any.whl'
    const good = { requires_dist: ['a>=1,<2', 'b; extra == "x"'], requires_python: ['>=3.8,<4'] }
    for (const [more, status] of [
      [good, 201],
      [{}, 201],
      [{ requires_dist: ['a>=1,<2'] }, 400],
      [{ requires_python: ['>=3.9'] }, 400],
    ] as const)
      assert.equal((await upload(formOf(content, fileName, more))).status, status, JSON.stringify(more))
  }))

test('attestations are kept with the file they came with, and served', () =>
  withRegistry(async ({ upload, get, simple, at }) => {
    const form = wheelForm('hello', '1.0')
    const good = sampleAttestation(form.fileName, form.content)
    const bad: readonly (readonly object[])[] = [
      [{ ...good, version: 2 }],
      [{ ...good, envelope: { statement: 'x' } }],
      [{ ...good, verification_material: {} }],
      [good, good],
      [good, good, good],
      [sampleAttestation('other-1.0-py3-none-any.whl', form.content)],
      [sampleAttestation(form.fileName, Buffer.from('other'))],
      [sampleAttestation(form.fileName, form.content, { subject: [] })],
      [sampleAttestation(form.fileName, form.content, { subject: 'x' })],
      [sampleAttestation(form.fileName, form.content, { subject: undefined })],
      [sampleAttestation(form.fileName, form.content, { _type: 'other' })],
    ]
    for (const attestations of bad) {
      form.fields['attestations'] = [JSON.stringify(attestations)]
      const refusal = await upload(form)
      assert.equal(refusal.status, 400, `${refusal.text} ${JSON.stringify(attestations)}`)
    }
    form.fields['attestations'] = [JSON.stringify([good])]
    assert.equal((await upload(form)).status, 201)
    const [file] = (await simple('hello')).files
    assert.equal(file.provenance, `${at}/integrity/hello/1.0/${form.fileName}/provenance`)
    const { status, headers, text } = await get(`/integrity/hello/1.0/${form.fileName}/provenance`)
    assert.deepEqual([status, headers['content-type']], [200, 'application/vnd.pypi.integrity.v1+json'])
    const [bundle] = JSON.parse(text).attestation_bundles
    assert.deepEqual(bundle.attestations, [good])
    assert.equal(bundle.publisher.kind, 'Entrepot')
    const deep = `{"transparency_entries":[${'['.repeat(200_000)}${']'.repeat(200_000)}],`
    const nested = wheelForm('hello', '1.1')
    const attestation = JSON.stringify([sampleAttestation(nested.fileName, nested.content)])
    nested.fields['attestations'] = [attestation.replace('{"certificate"', `${deep}"certificate"`)]
    assert.equal((await upload(nested)).status, 201)
    // A repetition with other signatures changes nothing.
    form.fields['attestations'] = [JSON.stringify([{ ...good, more: 1 }])]
    assert.equal((await upload(form)).status, 201)
    assert.equal((await get(`/integrity/hello/1.0/${form.fileName}/provenance`)).text, text)
    for (const path of ['hello/1.1', 'other/1.0', 'hello/one'])
      assert.equal((await get(`/integrity/${path}/${form.fileName}/provenance`)).status, 404)
  }))

test('what stands beside a file goes with it, and is replaced with it', () =>
  withRegistry(async ({ app, projectId, upload, get, groupAt, simple }) => {
    const { id: group } = await app.group('acme')
    await app.root.json('PUT', `/api/v4/groups/${group}/package_settings/pypi`, { duplicates_allowed: true })
    const first = wheelForm('hello', '1.0')
    first.fields['attestations'] = [JSON.stringify([sampleAttestation(first.fileName, first.content)])]
    assert.equal((await upload(first)).status, 201)
    const other = wheelForm('hello', '1.0', 'other')
    assert.equal((await upload(other)).status, 201)
    const [file] = (await simple('hello')).files
    assert.deepEqual([file.hashes.sha256, file.provenance], [sha256(other.content), null])
    assert.equal(
      (await upload(formOf(sampleSdist({ name: 'hello', version: '1.0' }), 'hello-1.0.tar.gz'))).status,
      201,
    )
    const packages = `/api/v4/projects/${projectId}/packages`
    const [pkg] = await app.root.json('GET', packages)
    const files = await app.root.json('GET', `${packages}/${pkg.id}/package_files`)
    const wheel = files.find((one: any) => one.file_name === other.fileName)
    await app.root.json('DELETE', `${packages}/${pkg.id}/package_files/${wheel.id}`)
    assert.deepEqual(
      (await simple('hello')).files.map((one: any) => one.filename),
      ['hello-1.0.tar.gz'],
    )
    const metadata = `/files/${sha256(other.content)}/${wheelName({ name: 'hello', version: '1.0' })}.metadata`
    for (const level of [undefined, groupAt])
      assert.equal((await get(metadata, { ...(level && { at: level }) })).status, 404)
    const left = await app.root.json('GET', `${packages}/${pkg.id}/package_files`)
    assert.deepEqual(
      left.map((one: any) => one.file_name),
      ['hello-1.0.tar.gz'],
    )
  }))

test('the form says what is wrong with it', () =>
  withRegistry(async ({ upload }) => {
    const sayings: readonly (readonly [change: (form: SampleForm) => void, words: RegExp])[] = [
      [
        (form) => (form.fields['name'] = ['other']),
        /the name of hello-1\.0-py3-none-any\.whl is hello, but the form says \\"other\\"/,
      ],
      [
        (form) => (form.fields['version'] = ['2']),
        /the version of hello-1\.0-py3-none-any\.whl is 1\.0, but the form says \\"2\\"/,
      ],
      [(form) => (form.fields['sha256_digest'] = ['0'.repeat(64)]), /sha256_digest does not match/],
      [(form) => (form.fileName = 'hello-1.0.egg'), /file name .* is not allowed/],
      [(form) => (form.content = Buffer.from('x')), /sha256_digest does not match/],
    ]
    for (const [change, words] of sayings) {
      const form = sampleForm({ name: 'hello', version: '1.0', content: '' })
      change(form)
      assert.match((await upload(form)).text, words)
    }
  }))
