import assert from 'node:assert/strict'
import { test } from 'node:test'
import { send } from './fake-client.ts'
import { FakeRegistry } from './fake-registry.ts'
import { sampleBody, samples, sampleTarball } from './samples.ts'

const hello = { name: '@acme/hello', version: '1.0.0', content: 'hello' }

async function put(registry: FakeRegistry, name: string, body: unknown) {
  return send(registry, { method: 'PUT', path: `/${name.replace('/', '%2f')}`, body: JSON.stringify(body) })
}

test('publishes the attachment, wherever it stands in the body', async () => {
  const body = sampleBody(hello)
  const orders = [Object.entries(body), Object.entries(body).toReversed()]
  for (const entries of orders) {
    const registry = new FakeRegistry()
    const { status, json } = await put(registry, hello.name, Object.fromEntries(entries))
    assert.deepEqual([status, json], [201, { ok: true, id: '@acme/hello' }])
    const file = await registry.file('@acme/hello/-/hello-1.0.0.tgz')
    assert.ok(file)
    assert.deepEqual(registry.bytesOf(file), sampleTarball('hello'))
    assert.deepEqual((await registry.find(hello.name))?.tags, { latest: '1.0.0' })
  }
})

test('every bad input is refused in npm terms and publishes nothing', async (t) => {
  for (const input of samples.badInputs) {
    await t.test(input.title, async () => {
      const registry = new FakeRegistry()
      const { status, json } = await send(registry, input)
      assert.equal(status, input.status)
      assert.deepEqual([typeof json.message, typeof json.error], ['string', 'string'])
      assert.equal(registry.names.size, 0)
    })
  }
})

test('a second attachment is refused before it is stored', async () => {
  const registry = new FakeRegistry()
  const body = sampleBody(hello)
  body._attachments['@acme/hello-1.0.0.sigstore'] = { data: 'e30=' }
  const { status, json } = await put(registry, hello.name, body)
  assert.equal(status, 400)
  assert.match(json.error, /exactly one attachment/)
  assert.equal(registry.staged.length, 1)
})

test('other bytes under a published version are 403, the same ones are published again', async () => {
  const registry = new FakeRegistry()
  await put(registry, hello.name, sampleBody(hello))
  const again = await put(registry, hello.name, sampleBody(hello))
  assert.equal(again.status, 201)
  const other = await put(registry, hello.name, sampleBody({ ...hello, content: 'other' }))
  const refusal = { message: 'Package already exists.', error: 'Package already exists.' }
  assert.deepEqual([other.status, other.json], [403, refusal])
})

test('a publication goes to its tags, and its version is normalised', async () => {
  const registry = new FakeRegistry()
  const spelled = { ...hello, version: 'v2.0.0-rc.1+build' }
  assert.equal((await put(registry, hello.name, sampleBody(spelled, 'next'))).status, 201)
  assert.deepEqual((await registry.find(hello.name))?.tags, { next: '2.0.0-rc.1' })
  assert.ok(await registry.file('@acme/hello/-/hello-2.0.0-rc.1.tgz'))
  const untagged = { ...sampleBody({ ...hello, version: '3.0.0' }), 'dist-tags': undefined }
  await put(registry, hello.name, untagged)
  assert.equal((await registry.find(hello.name))?.tags.latest, '3.0.0')
})

test('the attachment may be named without its scope, and its integrity may hold several digests', async () => {
  const registry = new FakeRegistry()
  const body = sampleBody(hello)
  const [attachment] = Object.values(body._attachments)
  const manifest = body.versions['1.0.0']
  assert.ok(attachment && manifest)
  body._attachments = { 'hello-1.0.0.tgz': attachment }
  manifest.dist.integrity = `sha384-AAAA ${String(manifest.dist.integrity)}?note`
  assert.equal((await put(registry, hello.name, body)).status, 201)
})
