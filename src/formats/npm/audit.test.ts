import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { send } from './fake-client.ts'
import { FakeRegistry } from './fake-registry.ts'

const registry = new FakeRegistry()
function post(path: string, body: unknown, zipped = false) {
  const text = JSON.stringify(body)
  const headers: Record<string, string> = zipped ? { 'content-encoding': 'gzip' } : {}
  return send(registry, {
    method: 'POST',
    path: `/-/npm/v1/security/${path}`,
    headers,
    body: zipped ? gzipSync(text) : text,
  })
}

test('bulk advisories: none, for plain and compressed lists', async () => {
  for (const zipped of [false, true]) {
    const { status, json } = await post('advisories/bulk', { hello: ['1.0.0'] }, zipped)
    assert.deepEqual([status, json], [200, {}])
  }
  assert.equal((await post('advisories/bulk', ['hello'])).status, 400)
  assert.equal((await post('advisories/bulk', { hello: '1.0.0' })).status, 400)
})

test('the older report counts what it was asked about', async () => {
  const tree = {
    name: 'x',
    dependencies: { a: { version: '1.0.0', dependencies: { b: { version: '1.0.0' } } }, c: {} },
  }
  for (const path of ['audits/quick', 'audits']) {
    const { json } = await post(path, tree)
    assert.equal(json.metadata.totalDependencies, 3)
    assert.deepEqual([json.actions, json.advisories, json.muted], [[], {}, []])
    assert.equal(json.metadata.vulnerabilities.critical, 0)
  }
})
