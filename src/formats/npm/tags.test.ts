import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { send } from './fake-client.ts'
import { FakeRegistry } from './fake-registry.ts'
import { sampleBody } from './samples.ts'
import { checkTag } from './tags.ts'

const base = '/-/package/@acme%2fhello/dist-tags'
let registry: FakeRegistry
const request = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown) =>
  send(registry, { method, path, ...(body !== undefined && { body: JSON.stringify(body) }) })
const tags = async () => (await request('GET', base)).json

beforeEach(async () => {
  registry = new FakeRegistry()
  for (const version of ['1.0.0', '2.0.0']) {
    await request('PUT', '/@acme%2fhello', sampleBody({ name: '@acme/hello', version, content: version }))
  }
})

test('lists, sets and removes tags', async () => {
  assert.deepEqual(await tags(), { latest: '2.0.0' })
  assert.equal((await request('PUT', `${base}/beta`, '1.0.0')).status, 204)
  assert.deepEqual(await tags(), { latest: '2.0.0', beta: '1.0.0' })
  assert.equal((await request('DELETE', `${base}/beta`)).status, 204)
  assert.equal((await request('DELETE', `${base}/beta`)).status, 404)
  assert.deepEqual(await tags(), { latest: '2.0.0' })
})

test('POST adds tags, PUT replaces them, and nothing is done by halves', async () => {
  assert.equal((await request('POST', base, { beta: '1.0.0' })).status, 204)
  assert.deepEqual(await tags(), { latest: '2.0.0', beta: '1.0.0' })
  assert.equal((await request('PUT', base, { latest: '1.0.0', next: '3.0.0' })).status, 404)
  assert.deepEqual(await tags(), { latest: '2.0.0', beta: '1.0.0' })
  assert.equal((await request('PUT', base, { latest: '1.0.0' })).status, 204)
  assert.deepEqual(await tags(), { latest: '1.0.0' })
})

test('refuses unknown versions and what is no tag', async () => {
  assert.equal((await request('PUT', `${base}/beta`, '9.0.0')).status, 404)
  assert.equal((await request('PUT', `${base}/beta`, { version: '1.0.0' })).status, 400)
  assert.equal((await request('GET', '/-/package/none/dist-tags')).status, 404)
  for (const tag of ['1.0.0', '^1', '*', 'a b', 'a/b', '', '__proto__', 'x'.repeat(101)]) {
    assert.throws(() => checkTag(tag), { status: 400 }, tag)
  }
})
