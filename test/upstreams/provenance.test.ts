/** npm's signatures, attestations and audits come through unharmed: npm itself checks them. */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { after, before } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import { story, type Home } from '../clients/support/story.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { filledGroup, onlyLoopback } from './filled-registry.ts'
import { installNpm, npmIn } from './install.ts'
import { json, npmUpstream, type NpmDist } from './npm-packages.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = publicKey.export({ type: 'spki', format: 'der' })
const keyid = `SHA256:${createHash('sha256').update(spki).digest('base64').replace(/=+$/, '')}`
/** What npm signs of a package, as its registry does. */
const signed = (name: string, version: string) => (dist: NpmDist) => {
  const message = Buffer.from(`${name}@${version}:${dist.integrity}`)
  return { signatures: [{ keyid, sig: sign('sha256', message, privateKey).toString('base64') }] }
}

let app: TestApp
let upstream: FaultyUpstream
let registry: { readonly url: string; readonly token: string }

before(async () => {
  app = await createTestApp({ env: onlyLoopback })
  upstream = await startFaultyUpstream()
  const packages = npmUpstream(upstream)
  for (const name of ['signed', '@far/signed']) {
    packages.publish({ name, version: '1.0.0', dist: signed(name, '1.0.0') })
  }
  packages.publish({ name: 'missing', version: '1.0.0' })
  packages.publish({ name: 'forged', version: '1.0.0', dist: signed('other', '1.0.0') })
  const key = { expires: null, keyid, keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256' }
  upstream.contents.set('/-/npm/v1/keys', json({ keys: [{ ...key, key: spki.toString('base64') }] }))
  const group = await filledGroup(app, 'acme', { url: upstream.url })
  registry = { url: group.registry, token: app.root.token }
})
after(async () => {
  await app?.close()
  await upstream?.close()
})

/**
 * `npm audit signatures`. npm looks for keys in a public directory first, and in the registry where that has none: here it
 * always has none.
 */
async function auditSignatures(home: Home, ...names: readonly string[]) {
  await installNpm(home, registry, 'app', names[0]!)
  for (const name of names.slice(1)) await installNpm(home, registry, 'app', name)
  const emptyDirectory = home.write(
    'empty-directory.cjs',
    `const module_ = require('node:module')
const load = module_._load
const none = () => Promise.reject(Object.assign(new Error('none'), { code: 'TUF_FIND_TARGET_ERROR' }))
module_._load = function (name, ...rest) {
  return name === '@sigstore/tuf' ? { initTUF: async () => ({ getTarget: none }) } : load.call(this, name, ...rest)
}
`,
  )
  const env = { NODE_OPTIONS: `--require ${emptyDirectory}` }
  return home.attempt('npm', ['audit', 'signatures', '--cache', `${home.dir}/audit-cache`], {
    in: 'app',
    env,
  })
}

story('npm audit signatures verifies what the upstream signed', ['npm'], async (home) => {
  const { code, stdout, transcript } = await auditSignatures(home, 'signed', '@far/signed')
  assert.equal(code, 0, transcript)
  assert.match(stdout, /2 packages have verified registry signatures/)
})

story(
  'npm audit signatures notices what is not signed, and what is signed wrongly',
  ['npm'],
  async (home) => {
    const { code, transcript } = await auditSignatures(home, 'signed', 'missing', 'forged')
    assert.notEqual(code, 0)
    assert.match(transcript, /1 package has a missing registry signature[\s\S]*missing@1\.0\.0/)
    assert.match(transcript, /1 package has an invalid registry signature[\s\S]*forged@1\.0\.0/)
  },
)

story('attestations come to the byte, from an address of ours', ['npm'], async (home) => {
  const attestations = {
    attestations: [{ predicateType: 'https://example.org/v1', bundle: { text: 'b\u00fcndel' } }],
  }
  const name = '@far/attested'
  const path = `/-/npm/v1/attestations/${name}@1.0.0`
  upstream.contents.set(path, json(attestations))
  const provenance = { predicateType: 'https://example.org/v1' }
  const dist = () => ({ attestations: { url: upstream.url + path.replace('/far', '%2ffar'), provenance } })
  npmUpstream(upstream).publish({ name, version: '1.0.0', dist })
  const packument = await app.root.json('GET', `${registry.url}/@far%2fattested`)
  const told = packument.versions['1.0.0'].dist.attestations
  assert.deepEqual(told.provenance, provenance)
  assert.ok(told.url.startsWith(`${registry.url}/-/npm/v1/attestations/`), told.url)
  assert.deepEqual(await app.root.json('GET', told.url), attestations)
  // Nothing of ours is told to whom may not read.
  assert.equal((await app.anonymous.get(told.url)).status, 401)
  await installNpm(home, registry, 'app', name)
})

story('npm audit tells what the upstream knows of', ['npm'], async (home) => {
  const advisory = {
    id: 1,
    url: 'https://example.org/advisory',
    title: 'A hole in it',
    severity: 'high',
    vulnerable_versions: '<2.0.0',
    cwe: [],
    cvss: { score: 8, vectorString: null },
  }
  upstream.contents.set('/-/npm/v1/security/advisories/bulk', ({ body }) => {
    const asked = Object.keys(JSON.parse(body.toString()) as object)
    return json(asked.includes('signed') ? { signed: [advisory] } : {})
  })
  await installNpm(home, registry, 'app', 'signed')
  const outcome = await npmIn(home, registry, { folder: 'app', args: ['audit'] })
  assert.notEqual(outcome.code, 0)
  assert.match(outcome.stdout, /A hole in it/)
})

story('npm audit finds nothing where the upstream answers no audits', ['npm'], async (home) => {
  upstream.contents.delete('/-/npm/v1/security/advisories/bulk')
  await installNpm(home, registry, 'app', 'signed')
  const outcome = await npmIn(home, registry, { folder: 'app', args: ['audit'] })
  assert.equal(outcome.code, 0, outcome.transcript)
})
