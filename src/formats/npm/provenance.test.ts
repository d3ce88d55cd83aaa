import assert from 'node:assert/strict'
import { test } from 'node:test'
import { send } from './fake-client.ts'
import { FakeRegistry, links, textOf, viewOf } from './fake-registry.ts'
import { packument } from './packument.ts'
import { attestations, keys } from './provenance.ts'
import { decodePackument } from './remote-name.ts'
import { upstream } from './upstream.ts'
import { npmUpstreamFiles } from './upstream-samples.testing.ts'

const registry = new FakeRegistry()
const get = (path: string) => send(registry, { method: 'GET', path })
const bytesOf = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const passKeys = (...bodies: readonly unknown[]) => JSON.parse(textOf(keys.pass(bodies.map(bytesOf), '')[0]))
const passed = (...bodies: readonly unknown[]) => textOf(attestations.pass(bodies.map(bytesOf), 'x@1.0.0')[0])

test('the routes ask for the documents, which are 404 for everybody where no upstream has them', async () => {
  const missing = '404 Packages Not Found'
  const otherwise = { status: 404, json: { message: missing, error: 'Packages not found' } }
  assert.deepEqual((await get('/-/npm/v1/keys')).reply, { document: ['keys', ''], otherwise })
  for (const path of ['@acme%2fhello@1.0.0', '@acme%2Fhello@1.0.0', '@acme/hello@v1.0.0'])
    assert.deepEqual((await get(`/-/npm/v1/attestations/${path}`)).reply, {
      document: ['attestations', '@acme/hello@1.0.0'],
      otherwise,
    })
  for (const path of ['hello', 'hello@', 'hello@latest', '@1.0.0', '@acme@1.0.0', 'a/b@1.0.0', '..@1.0.0'])
    assert.equal((await get(`/-/npm/v1/attestations/${path}`)).status, 404, path)
  assert.equal(attestations.about('@acme/hello@1.0.0'), '@acme/hello')
  assert.deepEqual([attestations.about('what'), keys.about('')], [undefined, undefined])
})

test('keys of several upstreams are one list, each key with all that is said of it', () => {
  const one = { keyid: 'a', key: 'A', expires: null, scheme: 's', later: { x: [1] } }
  const two = { keyid: 'b', key: 'B' }
  assert.deepEqual(passKeys({ keys: [one] }, { keys: [{ keyid: 'a', key: 'other' }, two] }), {
    keys: [one, two],
  })
  assert.deepEqual(passKeys({ keys: [] }, { keys: [two] }), { keys: [two] })
  assert.deepEqual(passKeys('<html>', { keys: [two] }), { keys: [two] }, 'the others stay')
})

test('what is no list of keys or attestations is refused in words', () => {
  const many = Array.from({ length: 1001 }, (_, index) => ({ keyid: `${index}`, predicateType: 'x' }))
  for (const bad of ['', '<html>', '[]', '{}', '{"keys":{},"attestations":"x"}', '['.repeat(100_000)]) {
    assert.throws(() => passKeys(bad), /keys/, bad.slice(0, 40))
    assert.throws(() => passed(bad), /attestations/, bad.slice(0, 40))
  }
  for (const bad of [[null], ['x'], [{}], [{ keyid: 7, predicateType: 7 }], many]) {
    assert.throws(() => passKeys({ keys: bad }), /keys/)
    assert.throws(() => passed({ attestations: bad }), /attestations/)
  }
  const deep = `{"attestations":[{"predicateType":"x","bundle":${'['.repeat(99)}${']'.repeat(99)}}]}`
  assert.throws(() => passed(deep), /nested deeper than 64 levels/)
})

test('attestations are passed on with every member as it was, those of the first upstream that has them', () => {
  const bundle =
    '{"mediaType":"application/vnd.dev.sigstore.bundle+json;version=0.2","n":12345678901234567890,"f":1.0,' +
    '"dsseEnvelope":{"payload":"eyJ9","signatures":[{"sig":"c2ln","keyid":""}]},"__proto__":{"x":null},"u":"\\u2028é"}'
  const document = `{"attestations":[{"predicateType":"https://slsa.example/v1","bundle":${bundle}}],"more":[{}]}`
  // The one character that JSON need not escape.
  assert.equal(passed(document), document.replace('\\u2028', '\u2028'))
  assert.equal(passed('{}', document, { attestations: [] }), passed(document))
})

test('npm finds the attestations from the address in the manifest', async () => {
  const statement = { predicateType: 'https://slsa.example/v1', bundle: { x: 1 } }
  const versions = [{ version: '1.0.0', tarball: Buffer.from('x'), attestations: [statement] }]
  const answers = npmUpstreamFiles({ name: '@acme/hello', base: 'https://u.example/deep/er', versions })
  const view = viewOf(decodePackument(answers.get('/@acme%2fhello')!.body, '@acme/hello', ''))
  const parts = (await packument.encode(view, { links, changedAt: view.changedAt })) ?? []
  for (const part of parts) {
    assert.equal(textOf(part).match(/"attestations":/g)?.length, 1)
    const { url, provenance } = JSON.parse(textOf(part)).versions['1.0.0'].dist.attestations
    assert.deepEqual(provenance, { predicateType: 'https://slsa.example/v1' })
    // As npm does it: the path of the address, at the host of its registry.
    const asked = new URL(new URL(url).pathname, links.to('')).href
    assert.ok(asked.startsWith(links.to('')), asked)
    const { reply } = await get(`/${asked.slice(links.to('').length)}`)
    assert.ok('document' in reply)
    const [rule, key] = reply.document
    const there = answers.get(`/${upstream.document(rule, key, '')?.path}`)
    assert.deepEqual(JSON.parse(textOf(attestations.pass([there!.body], key)[0])), {
      attestations: [statement],
    })
  }
})

test('an address of attestations that is none stays as it is', async () => {
  for (const odd of [7, null, 'x', {}, { provenance: { predicateType: 'x' } }]) {
    const versions = [{ version: '1.0.0', tarball: Buffer.from('x'), dist: { attestations: odd } }]
    const answers = npmUpstreamFiles({ name: 'x', base: 'https://u.example', versions })
    const view = viewOf(decodePackument(answers.get('/x')!.body, 'x', ''))
    const [full] = (await packument.encode(view, { links, changedAt: view.changedAt })) ?? []
    assert.deepEqual(JSON.parse(textOf(full)).versions['1.0.0'].dist.attestations, odd)
  }
})
