import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { UpstreamQuestion } from '../format.ts'
import { send } from './fake-client.ts'
import { FakeRegistry } from './fake-registry.ts'

function post(path: string, body: unknown, zipped = false, registry = new FakeRegistry()) {
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

/** Upstreams that answer this, may be told public names only, and note what they were asked. */
function upstreams(...answers: readonly unknown[]) {
  const registry = new FakeRegistry()
  const asked: UpstreamQuestion[] = []
  registry.mayTell = (name) => !name.startsWith('@acme/')
  for (const answer of answers) registry.upstreams.push((question) => (asked.push(question), answer))
  const questions = () => asked.map(({ body }) => JSON.parse(String(body)))
  return { registry, asked, questions }
}
const advisory = (id: unknown, more: object = {}) => ({
  id,
  severity: 'high',
  vulnerable_versions: '<2',
  ...more,
})

test('bulk advisories are asked about the names that may be told, as plain JSON', async () => {
  const { registry, asked, questions } = upstreams({ left: [advisory(1)] })
  const body = {
    left: ['1.0.0', '1.1.0', 'file:../left', 7],
    '@acme/secret': ['1.0.0'],
    constructor: ['1.0.0'],
    '../x': ['1.0.0'],
    none: [],
    local: ['git+ssh://git.example/secret'],
  }
  const { json } = await post('advisories/bulk', body, true, registry)
  assert.deepEqual(json, { left: [advisory(1)] })
  assert.deepEqual(questions(), [{ left: ['1.0.0', '1.1.0'], constructor: ['1.0.0'] }])
  const { body: _, ...question } = asked[0]!
  assert.deepEqual(question, {
    method: 'POST',
    path: '-/npm/v1/security/advisories/bulk',
    accept: 'application/json',
    headers: { 'content-type': 'application/json' },
    maxBytes: 32 * 1024 * 1024,
  })
})

test('bulk advisories of several upstreams are one list, each advisory once', async () => {
  const { registry } = upstreams(
    { left: [advisory(1, { first: true }), advisory(2)], constructor: [advisory(5)] },
    { left: [advisory(1), advisory('1'), advisory(3), advisory(undefined), advisory(undefined)] },
  )
  const { json } = await post('advisories/bulk', { left: ['1.0.0'], constructor: ['1.0.0'] }, false, registry)
  const left = [
    advisory(1, { first: true }),
    advisory(2),
    advisory('1'),
    advisory(3),
    { severity: 'high', vulnerable_versions: '<2' },
  ]
  assert.deepEqual(json, { left, constructor: [advisory(5)] })
})

test('answers that are none are left out, and nothing is said of names that were not told', async () => {
  const odd = [
    undefined,
    'x',
    7,
    null,
    [],
    Buffer.from('<html>'),
    Buffer.from('{"left":'),
    Buffer.alloc(33 * 1024 * 1024),
  ]
  const shapes = [
    { left: 'x' },
    { left: [null, 7, []] },
    { '@acme/secret': [advisory(1)], right: [advisory(2)] },
  ]
  const deep = Buffer.from(`{"left":${'['.repeat(1_000_000)}`)
  const { registry } = upstreams(...odd, ...shapes, deep, { left: [advisory(9)] })
  const { status, json } = await post(
    'advisories/bulk',
    { left: ['1.0.0'], '@acme/secret': ['1.0.0'] },
    false,
    registry,
  )
  assert.deepEqual([status, json], [200, { left: [advisory(9)] }])
})

test('nobody is asked where nothing may be told', async () => {
  const { registry, asked } = upstreams({})
  await post('advisories/bulk', { '@acme/secret': ['1.0.0'] }, false, registry)
  await post('audits', { dependencies: { '@acme/secret': { version: '1.0.0' } } }, false, registry)
  assert.deepEqual(asked, [])
})

const tree = {
  name: '@acme/app',
  version: '1.0.0',
  requires: { left: '^1.0.0', '@acme/secret': '^2.0.0' },
  dependencies: {
    left: { version: '1.0.0', dev: true, resolved: 'https://packages.example/left' },
    '@acme/secret': { version: '2.0.0', requires: { right: '^3.0.0' } },
    right: { version: '3.0.0' },
  },
}

test('the older report is that of the first upstream with one, about names that were told', async () => {
  const paths = (...some: string[]) => ({ findings: [{ version: '1.0.0', paths: some }] })
  const report = {
    actions: [{ action: 'update', module: 'not-told-1', resolves: [{ id: 8, path: 'not-told-1>right' }] }],
    advisories: {
      7: { id: 7, module_name: 'left', severity: 'low', ...paths('left') },
      8: { id: 8, module_name: 'right', severity: 'critical', ...paths('right', 'not-told-1>right') },
      9: { id: 9, module_name: 'not-told-1', severity: 'critical', ...paths('not-told-1') },
      10: null,
    },
    muted: [],
    metadata: { vulnerabilities: { low: 4 }, totalDependencies: 30, dependencies: 'many', more: 1 },
  }
  for (const path of ['audits/quick', 'audits']) {
    const { registry, asked } = upstreams({ error: 'x' }, report, { advisories: {} })
    const { json } = await post(path, tree, false, registry)
    assert.deepEqual(
      asked.map((question) => question.path),
      Array.from({ length: 3 }, () => `-/npm/v1/security/${path}`),
    )
    assert.deepEqual(json, {
      actions: [
        { action: 'update', module: '@acme/secret', resolves: [{ id: 8, path: '@acme/secret>right' }] },
      ],
      advisories: {
        7: { id: 7, module_name: 'left', severity: 'low', ...paths('left') },
        8: { id: 8, module_name: 'right', severity: 'critical', ...paths('right', '@acme/secret>right') },
      },
      muted: [],
      metadata: {
        vulnerabilities: { info: 0, low: 4, moderate: 0, high: 0, critical: 1 },
        dependencies: 3,
        devDependencies: 0,
        optionalDependencies: 0,
        totalDependencies: 30,
      },
    })
  }
})

test('an older report that is none is as without upstreams', async () => {
  for (const odd of [{ advisories: [] }, { advisories: 'x' }, [], Buffer.from('no JSON')]) {
    const { registry } = upstreams(odd)
    const { json } = await post('audits/quick', tree, false, registry)
    assert.deepEqual(json, (await post('audits/quick', tree)).json)
  }
})
