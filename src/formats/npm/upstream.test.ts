import assert from 'node:assert/strict'
import { generateKeyPairSync, hash, verify } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ClientMachine, DigestSource } from '../format.ts'
import { links, textOf, viewOf } from './fake-registry.ts'
import { isRemoteName, tarballPath } from './names.ts'
import { packument } from './packument.ts'
import { decodePackument } from './remote-name.ts'
import { upstream } from './upstream.ts'
import { npmKeysAnswer, npmUpstreamFiles, type Signer } from './upstream-samples.testing.ts'

test('documents are asked for where the registry of npm has them, as npm asks', () => {
  const short = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8'
  const json = 'application/json'
  for (const [asked, path, accept] of [
    ['packument JSONStream', 'JSONStream', json],
    ['packument @acme/hello short', '@acme%2fhello', short],
    ['keys', '-/npm/v1/keys', json],
    ['attestations @acme/hello@1.0.0', '-/npm/v1/attestations/@acme%2fhello@1.0.0', json],
    ['attestations hello@1.0.0-rc.1', '-/npm/v1/attestations/hello@1.0.0-rc.1', json],
  ] as const)
    assert.deepEqual(documentOf(asked), { path, accept })
  for (const asked of ['packument ../etc', 'packument @acme/a/b', 'attestations hello', 'search x'])
    assert.equal(documentOf(asked), undefined, asked)
  for (const asked of ['attestations hello@latest', 'attestations ../x@1.0.0'])
    assert.equal(documentOf(asked), undefined, asked)
})

function documentOf(asked: string) {
  const [rule = '', key = '', part = ''] = asked.split(' ')
  return upstream.document(rule, key, part)
}

test('a tarball is asked for under its own path, and its digests beside it', () => {
  const file = upstream.file('@acme/Hello/-/Hello-1.0.0-rc.1.tgz')
  assert.ok(file)
  const { digests, ...rest } = file
  const path = '@acme/Hello/-/Hello-1.0.0-rc.1.tgz'
  const namedBy = { rule: 'packument', part: 'short' }
  assert.deepEqual(rest, {
    path,
    name: '@acme/Hello',
    version: '1.0.0-rc.1',
    namedBy,
    early: true,
    needsDigest: true,
  })
  assert.deepEqual(
    digests.map((source) => source.path),
    ['@acme%2fHello/1.0.0-rc.1', '@acme%2fHello'],
  )
  const built = upstream.file('x/-/x-1.0.0+build.1.tgz')
  assert.deepEqual([built?.path, built?.version], ['x/-/x-1.0.0%2Bbuild.1.tgz', '1.0.0+build.1'])
  assert.equal(built?.digests[0]?.path, 'x/1.0.0%2Bbuild.1')
})

test('what is no tarball of a version is nowhere', () => {
  const none = [
    '',
    'x',
    'x/-/',
    'x/-/x.tgz',
    'x/-/x-1.0.0',
    'x/-/x-1.0.0.zip',
    'x/-/y-1.0.0.tgz',
    'x/-/x-1.tgz',
  ]
  const worse = [
    '@acme/x/-/@acme/x-1.0.0.tgz',
    'x/-/x-../1.0.0.tgz',
    '-/x/-/x-1.0.0.tgz',
    '../-/..-1.0.0.tgz',
  ]
  const query = ['x/-/x-1.0.0.tgz?y', 'x/-/x-1.0.0%2f..tgz', '@acme/-/x-1.0.0.tgz', 'x/x-1.0.0.tgz']
  for (const path of [...none, ...worse, ...query]) assert.equal(upstream.file(path), undefined, path)
})

test('every path that a packument names can be asked for, and no path leads elsewhere', () => {
  const name = fc.string({ unit: fc.constantFrom(...'aB0-._~@/'), minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(name.filter(isRemoteName), fc.nat(99), (some, patch) => {
      const path = tarballPath(some, `1.0.${patch}`)
      const found = upstream.file(path)
      assert.deepEqual([found?.path, found?.name, found?.version], [path, some, `1.0.${patch}`])
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a1.-/@%?#\\ tgz') }), (path) => {
      const found = upstream.file(path)
      if (found)
        assert.equal(new URL(found.path, 'http://u.example/r/').pathname, `/r/${found.path}`, found.path)
    }),
    { numRuns: 5000 },
  )
})

const bytes = Buffer.from('the tarball')
const digests = { sha512: hash('sha512', bytes), sha1: hash('sha1', bytes) }
const answers = npmUpstreamFiles({
  name: '@acme/hello',
  base: 'http://127.0.0.1:1/r',
  versions: [
    { version: '0.9.0', tarball: Buffer.from('older') },
    { version: '1.0.0', tarball: bytes },
  ],
})
const from = 'http://127.0.0.1:1/r/@acme/hello/-/hello-1.0.0.tgz'
const [ofManifest, ofPackument] = sourcesOf('@acme/hello/-/hello-1.0.0.tgz')
function sourcesOf(path: string): readonly [DigestSource, DigestSource] {
  const [ofVersion, ofName] = upstream.file(path)?.digests ?? []
  assert.ok(ofVersion && ofName)
  return [ofVersion, ofName]
}
const bodyOf = (source: DigestSource) => answers.get(`/${source.path}`)!.body
const changed = (source: DigestSource, change: (document: any) => void) => {
  const document = JSON.parse(String(bodyOf(source)))
  change(document)
  return source.read(Buffer.from(JSON.stringify(document)))
}

test('digests are read from the manifest and from the packument', () => {
  for (const source of [ofManifest, ofPackument])
    assert.deepEqual(source.read(bodyOf(source)), { digests, from })
  const abbreviated = answers.get('/@acme%2fhello')!.abbreviated!.body
  assert.deepEqual(ofPackument.read(abbreviated), { digests, from })
  assert.deepEqual(
    changed(ofManifest, ({ dist }) => {
      const others = ['sha256', 'sha384', 'md5'].map((one) => `${one}-${hash(one, bytes, 'base64')}`)
      dist.integrity = `${others.join(' ')} ${dist.integrity}?x`
      dist.shasum = null
      dist.tarball = 'ftp://elsewhere.example/x'
    }),
    { digests: { sha512: digests.sha512, sha256: hash('sha256', bytes) } },
  )
})

test('what says no digest says nothing, and what is another document is refused', () => {
  for (const dist of [
    undefined,
    null,
    {},
    [],
    { integrity: '' },
    { integrity: 'sha384-AAAA', tarball: from },
  ])
    assert.equal(
      changed(ofManifest, (document) => void (document.dist = dist)),
      undefined,
    )
  for (const spoil of [
    (document: any) => void (document.name = 'hello'),
    (document: any) => void (document.version = '1.0.1'),
    (document: any) => void delete document.version,
    (document: any) => void (document.dist.integrity = 'sha512-AAAA'),
    (document: any) => void (document.dist.shasum = '0'.repeat(39)),
  ])
    assert.throws(() => changed(ofManifest, spoil))
  for (const source of [ofManifest, ofPackument]) {
    for (const text of ['', '<html>', 'null', '[]', '{}', '"x"', '['.repeat(1000)])
      assert.throws(() => source.read(Buffer.from(text)), Error, text)
  }
  assert.equal(
    changed(ofPackument, ({ versions }) => void delete versions['1.0.0']),
    undefined,
  )
  assert.equal(
    changed(ofPackument, (document) => void (document.versions = [])),
    undefined,
  )
})

test('a version is found in the packument by any spelling of it', () => {
  const spelled = upstream.file('@acme/hello/-/hello-1.0.0+build.tgz')?.digests[1]
  assert.deepEqual(spelled?.read(bodyOf(ofPackument)), { digests, from })
  const renamed = changed(ofPackument, ({ versions }) => {
    versions['v1.0.0'] = versions['1.0.0']
    delete versions['1.0.0']
  })
  assert.deepEqual(renamed, { digests, from })
})

test('the address is the one that npm is configured for', async () => {
  const asked: string[][] = []
  const machine = (printed: string | undefined): ClientMachine => ({
    run: async (...command) => (asked.push(command), printed),
    read: async () => assert.fail('nothing is read'),
  })
  const address = (printed?: string) => upstream.clientAddress?.(machine(printed))
  assert.equal(await address('https://mirror.example/npm/\n'), 'https://mirror.example/npm/')
  assert.deepEqual(asked, [['npm', 'config', 'get', 'registry']])
  for (const printed of [
    undefined,
    '',
    'undefined\n',
    'null',
    'file:///x',
    'https://',
    'https://a b/',
    'x\nhttps://a/',
  ])
    assert.equal(await address(printed), undefined, printed)
})

test('signatures are over the integrity and the time that are shown, and their key is there', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signer: Signer = { keyid: 'SHA256:abc', privateKey, publicKey }
  const signed = npmUpstreamFiles({
    name: '@acme/hello',
    base: 'http://127.0.0.1:1',
    signer,
    versions: [{ version: '1.0.0', tarball: bytes }],
  })
  const view = viewOf(decodePackument(signed.get('/@acme%2fhello')!.body, '@acme/hello', ''))
  const [full] = (await packument.encode(view, { links, changedAt: view.changedAt })) ?? []
  const { versions, time } = JSON.parse(textOf(full))
  const { _id, dist } = versions['1.0.0']
  // As npm does it: pacote/lib/registry.js.
  const { keys } = JSON.parse(String(npmKeysAnswer([signer]).body))
  const key = keys.find(({ keyid }: { keyid: string }) => keyid === dist.signatures[0].keyid)
  const pem = `-----BEGIN PUBLIC KEY-----\n${key.key}\n-----END PUBLIC KEY-----`
  const message = Buffer.from(`${_id}:${dist.integrity}`)
  assert.ok(verify('sha256', message, pem, Buffer.from(dist.signatures[0].sig, 'base64')))
  assert.equal(time['1.0.0'], '2020-01-01T12:00:00.000Z')
})
