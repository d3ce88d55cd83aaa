import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { DocumentPart, NameView } from '../format.ts'
import { send } from './fake-client.ts'
import { FakeRegistry, links, textOf } from './fake-registry.ts'
import type { NpmModels } from './manifest.ts'
import { packument } from './packument.ts'
import { sampleBody } from './samples.ts'

const name = '@acme/hello'
const url = '/@acme%2fhello'
let registry: FakeRegistry

beforeEach(async () => {
  registry = new FakeRegistry()
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) {
    const body = JSON.stringify(sampleBody({ name, version, content: version }))
    await send(registry, { method: 'PUT', path: url, body })
  }
})

/** What the client got by `GET ?write=true`. */
async function fetched() {
  const view = (await registry.find(name)) as NameView<NpmModels>
  const [full] = (await packument.encode(view, { links, changedAt: view.changedAt })) as DocumentPart[]
  return JSON.parse(textOf(full!))
}

const put = (path: string, body: unknown) =>
  send(registry, { method: 'PUT', path, body: JSON.stringify(body) })
const versions = async () => (await registry.find(name))?.packages.map((pkg) => pkg.version)
const standings = async () => (await registry.find(name))?.packages.map((pkg) => pkg.standing?.reason)

test('deprecates and undeprecates by sending the packument back', async () => {
  const body = await fetched()
  body.versions['1.0.0'].deprecated = 'too old'
  assert.equal((await put(url, body)).status, 200)
  assert.deepEqual(await standings(), ['too old', undefined, undefined])
  const back = await fetched()
  back.versions['1.0.0'].deprecated = ''
  assert.equal((await put(url, back)).status, 200)
  assert.deepEqual(await standings(), [undefined, undefined, undefined])
})

test('a packument that is no longer the newest is 409', async () => {
  const body = await fetched()
  body.versions['1.0.0'].deprecated = 'too old'
  await registry.tag(name, 'beta', '2.0.0')
  const { status, json } = await put(url, body)
  assert.equal(status, 409)
  assert.ok(json.error)
  assert.deepEqual(await standings(), [undefined, undefined, undefined])
})

test('a plain PUT never removes, and brings nothing without its attachment', async () => {
  const body = await fetched()
  delete body.versions['1.0.0']
  assert.equal((await put(url, body)).status, 200)
  assert.equal((await versions())?.length, 3)
  body.versions['3.0.0'] = body.versions['2.0.0']
  assert.equal((await put(url, body)).status, 400)
})

test('unpublishes a version in the steps of the client', async () => {
  const body = await fetched()
  const tarball = new URL(body.versions['2.0.0'].dist.tarball).pathname.slice('/npm'.length)
  delete body.versions['2.0.0']
  body['dist-tags'].latest = '1.1.0'
  assert.equal((await put(`${url}/-rev/${body._rev}`, body)).status, 200)
  assert.deepEqual(await versions(), ['1.0.0', '1.1.0'])
  const rest = await fetched()
  assert.equal(rest['dist-tags'].latest, '1.1.0')
  const last = await send(registry, { method: 'DELETE', path: `${tarball}/-rev/${rest._rev}` })
  assert.equal(last.status, 200)
  assert.deepEqual(await versions(), ['1.0.0', '1.1.0'])
})

test('deleting a tarball that is still there removes its version, one that never was is 404', async () => {
  const { _rev } = await fetched()
  const path = (version: string, rev: string) => `/@acme/hello/-/hello-${version}.tgz/-rev/${rev}`
  assert.equal((await send(registry, { method: 'DELETE', path: path('9.0.0', _rev) })).status, 404)
  const prefixed = `/api/v4/projects/1/packages/npm${path('1.0.0', _rev)}`
  assert.equal((await send(registry, { method: 'DELETE', path: prefixed })).status, 404)
  assert.equal((await send(registry, { method: 'DELETE', path: path('1.0.0', 'r0') })).status, 409)
  assert.equal((await send(registry, { method: 'DELETE', path: path('1.0.0', _rev) })).status, 200)
  assert.deepEqual(await versions(), ['1.1.0', '2.0.0'])
})

test('unpublishes everything, at the right revision only', async () => {
  const { _rev } = await fetched()
  assert.equal((await send(registry, { method: 'DELETE', path: `${url}/-rev/r0` })).status, 409)
  assert.equal((await send(registry, { method: 'DELETE', path: `${url}/-rev/${_rev}` })).status, 200)
  assert.deepEqual(await versions(), [])
  assert.equal((await send(registry, { method: 'DELETE', path: `${url}/-rev/${_rev}` })).status, 404)
})

test('an update without versions, as `npm owner` sends it, removes nothing', async () => {
  const { _rev } = await fetched()
  for (const body of [
    { _id: name, _rev, maintainers: [] },
    { _id: name, versions: {} },
  ]) {
    assert.equal((await put(`${url}/-rev/${_rev}`, body)).status, 400)
  }
  assert.equal((await versions())?.length, 3)
})

test('an update names its own package and only known versions, and may move tags', async () => {
  const body = await fetched()
  const at = `${url}/-rev/${body._rev}`
  assert.equal((await put(at, { ...body, name: 'other' })).status, 400)
  assert.equal((await put(at, { ...body, versions: { ...body.versions, '9.0.0': {} } })).status, 409)
  assert.equal((await put(at, { ...body, 'dist-tags': { latest: '1.0.0', beta: '1.1.0' } })).status, 200)
  assert.deepEqual((await registry.find(name))?.tags, { latest: '1.0.0', beta: '1.1.0' })
})
