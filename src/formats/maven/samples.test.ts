import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeRegistry, send } from './fake-registry.testing.ts'
import { maven } from './index.ts'
import { samples } from './samples.ts'

const pkg = { name: samples.names[0], version: samples.publishable[0], content: 'a' }

test('the samples are published and found', async () => {
  const registry = new FakeRegistry()
  for (const { path, body } of samples.publish(pkg)) {
    const { status } = await send(registry, 'PUT', path.slice(1), body)
    assert.ok(status < 300, path)
  }
  const { path, bytes } = samples.file(pkg)
  assert.equal((await send(registry, 'GET', path.slice(1))).text, String(bytes))
  for (const document of samples.documents(pkg)) {
    assert.ok((await send(registry, 'GET', document.path.slice(1))).text?.includes(pkg.version))
  }
})

test('every bad input is refused as it says and leaves nothing', async () => {
  const registry = new FakeRegistry()
  for (const { title, status, path, body } of samples.badInputs) {
    const request = send(registry, 'PUT', decodeURIComponent(path.slice(1)), body)
    await assert.rejects(request, { name: 'Problem', ...(status && { status }) }, title)
  }
  assert.equal(registry.packages.size, 0)
})

test('names, versions and their order are as sampled', () => {
  for (const [given, normalized] of samples.normalized) assert.equal(maven.names.normalize(given), normalized)
  for (const name of samples.badNames) assert.throws(() => maven.names.normalize(name), { status: 400 }, name)
  for (const version of samples.badVersions)
    assert.throws(() => maven.versions.normalize(version), { status: 400 }, version)
  assert.deepEqual(samples.versions.toReversed().toSorted(maven.versions.compare), samples.versions)
})
