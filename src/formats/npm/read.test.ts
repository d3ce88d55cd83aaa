import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { send } from './fake-client.ts'
import { FakeRegistry } from './fake-registry.ts'
import { prefersAbbreviated } from './read.ts'
import { sampleBody } from './samples.ts'

const registry = new FakeRegistry()
const get = (path: string, accept?: string) =>
  send(registry, { method: 'GET', path, ...(accept !== undefined && { headers: { accept } }) })

before(async () => {
  for (const [name, version] of [
    ['@acme/hello', '1.0.0'],
    ['@acme/hello', '1.1.0'],
    ['tiny', '1.0.0'],
  ] as const) {
    const body = JSON.stringify(sampleBody({ name, version, content: name + version }))
    await send(registry, { method: 'PUT', path: `/${name.replace('/', '%2f')}`, body })
  }
})

test('a name is a document, its part chosen by Accept', async () => {
  const npmAccepts = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*'
  for (const path of ['/@acme%2fhello', '/@acme%2Fhello', '/@acme/hello', '/@acme%2fhello?write=true']) {
    assert.deepEqual((await get(path)).reply, {
      document: ['packument', '@acme/hello', ''],
      headers: { vary: 'Accept' },
    })
  }
  assert.deepEqual((await get('/tiny', npmAccepts)).reply, {
    document: ['packument', 'tiny', 'short'],
    headers: { vary: 'Accept' },
  })
  for (const path of ['/.tiny', '/-/nothing', '/a%20b']) assert.equal((await get(path)).status, 404)
  const { reply } = await get('/JSONStream')
  assert.ok(
    'document' in reply && reply.document[1] === 'JSONStream',
    'whether it is there is not ours to say',
  )
})

test('Accept is read with its weights', () => {
  const short = 'application/vnd.npm.install-v1+json'
  assert.deepEqual(
    [undefined, '*/*', 'application/json', short, `${short};q=0.2, application/json`, `${short};q=0`].map(
      (accept) => prefersAbbreviated(accept),
    ),
    [false, false, false, true, false, false],
  )
})

test('one manifest by version or tag', async () => {
  for (const path of ['/@acme/hello/1.1.0', '/@acme%2fhello/1.1.0', '/@acme%2fhello/latest']) {
    const { json } = await get(path)
    assert.deepEqual([json.version, typeof json.dist.integrity], ['1.1.0', 'string'], path)
  }
  assert.equal((await get('/tiny/latest')).json.version, '1.0.0')
  const publish = (name: string, version: string, tag: string) =>
    send(registry, {
      method: 'PUT',
      path: `/${name}`,
      body: JSON.stringify(sampleBody({ name, version, content: version }, tag)),
    })
  await publish('untagged', '1.0.0', 'old')
  await publish('untagged', '1.1.0-rc.1', 'next')
  assert.equal((await get('/untagged/latest')).json.version, '1.0.0', 'the highest release')
  for (const path of ['/tiny/9.0.0', '/tiny/beta', '/none/latest'])
    assert.equal((await get(path)).status, 404, path)
})

test('a tarball, also where the scope is repeated, but not of another scope', async () => {
  for (const path of ['/@acme/hello/-/hello-1.0.0.tgz', '/@acme%2fhello/-/@acme/hello-1.0.0.tgz']) {
    const { reply } = await get(path)
    assert.ok('file' in reply && reply.file.path === '@acme/hello/-/hello-1.0.0.tgz', path)
  }
  const missing = await get('/@acme/hello/-/@evil/hello-1.0.0.tgz')
  assert.deepEqual([missing.status, missing.json.error], [404, 'Packages not found'])
})

test('the tag latest is asked for by itself, so that nothing else of the name is read', async () => {
  const counting = new (class extends FakeRegistry {
    override find = async () => assert.fail('the whole name is read')
  })()
  const body = JSON.stringify(sampleBody({ name: 'one', version: '1.0.0', content: '' }))
  await send(counting, { method: 'PUT', path: '/one', body })
  const { json } = await send(counting, { method: 'GET', path: '/one/latest' })
  assert.equal(json.version, '1.0.0')
})

test('names of old are asked for as they are spelled', async () => {
  const asked: string[] = []
  const noting = new (class extends FakeRegistry {
    override get = async (name: string, version: string) => (asked.push(`${name} ${version}`), undefined)
    override find = async (name: string) => (asked.push(name), undefined)
    override file = async (path: string) => (asked.push(path), undefined)
  })()
  for (const path of [
    '/JSONStream/1.0.0',
    '/JSONStream/latest',
    '/@Acme/X/-/@Acme/X-1.0.0.tgz',
    '/-/package/@Acme%2fX/dist-tags',
  ])
    assert.equal((await send(noting, { method: 'GET', path })).status, 404)
  assert.deepEqual(asked, [
    'JSONStream 1.0.0',
    'JSONStream latest',
    'JSONStream',
    '@Acme/X/-/X-1.0.0.tgz',
    '@Acme/X',
  ])
  const put = await send(noting, {
    method: 'PUT',
    path: '/-/package/@Acme%2fX/dist-tags/next',
    body: '"1.0.0"',
  })
  assert.equal(put.status, 400, 'no name to write to')
})

test('search finds names, with what clients read', async () => {
  const all = await get('/-/v1/search?text=hello%20acme&size=5')
  assert.equal(all.json.total, 1)
  const [{ package: found }] = all.json.objects
  assert.deepEqual([found.name, found.version, found.scope], ['@acme/hello', '1.1.0', 'acme'])
  assert.deepEqual(found.maintainers, [{ username: 'alice' }])
  assert.equal((await get('/-/v1/search?text=scope:acme')).json.total, 1)
  assert.equal((await get('/-/v1/search?text=&size=1')).json.objects.length, 1)
  assert.equal((await get('/-/v1/search?text=keywords:x&size=nonsense&from=-1')).json.total, 3)
})
