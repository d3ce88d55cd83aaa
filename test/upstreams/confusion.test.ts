/** Dependency confusion: a stranger's package upstream with the name of one of ours is never told of, by no door, to nobody. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sampleBody } from '../../src/formats/npm/samples.ts'
import { createTestApp, type TestApp } from '../app.ts'
import type { Made } from '../world.ts'
import { startIssuer, type TestIssuer } from '../issuer.ts'
import { callersOf, type NamedCaller } from './callers.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { addUpstream, onlyLoopback, registryOf, type Owner } from './filled-registry.ts'
import { json, npmUpstream } from './npm-packages.ts'

/** Stands in everything that the stranger publishes. */
const mark = 'a-stranger-wrote-this'
/** What is ours, and what became of it. `future-lib` nobody published yet: a pattern reserves it. */
const ours = [
  'acme-lib',
  '@acme/hello',
  '@acme/unheard-of',
  'deleted-lib',
  'purged-lib',
  'future-lib',
  'twice-lib',
]
const variants = [
  'Acme-Lib',
  'ACME-LIB',
  '@Acme/hello',
  '@ACME/Hello',
  'Deleted-Lib',
  'Purged-LIB',
  'Future-Lib',
]
const owned = [...ours, ...variants]

let app: TestApp
let issuer: TestIssuer
let upstream: FaultyUpstream
let acme: Made
let project: Made
let other: Made
let callers: readonly NamedCaller[]
let levels: Readonly<Record<string, Owner>>

before(async () => {
  issuer = await startIssuer()
  const env = { ...onlyLoopback, ENTREPOT_TRUSTS__INTERNAL_ISSUERS: issuer.url }
  app = await createTestApp({ env })
  upstream = await startFaultyUpstream()
  fillUpstream()
  acme = await app.group('acme')
  project = await app.project('acme/app')
  other = await app.project('acme/sub/lib')
  const sub = await app.group('acme/sub')
  levels = {
    project: { project },
    other: { project: other },
    group: { group: acme },
    subgroup: { group: sub },
  }
  for (const owner of [...Object.values(levels), 'instance' as const]) {
    await addUpstream(app.root, owner, { url: upstream.url, anonymous_fill: true })
  }
  levels = { ...levels, instance: 'instance' }
  await publishOurs()
  callers = await callersOf(app, issuer, project, acme)
  upstream.forget()
})
after(async () => {
  await app?.close()
  await upstream?.close()
  await issuer?.close()
})

/** Everything of ours in a version that every range would prefer, and something that is nobody's. */
function fillUpstream(): void {
  const registry = npmUpstream(upstream)
  for (const name of [...owned, 'free-lib']) {
    const more = { description: mark, keywords: [mark] }
    const dist = () => ({ attestations: { url: `${upstream.url}/-/npm/v1/attestations/${name}@99.0.0` } })
    registry.publish({ name, version: '99.0.0', more, dist })
    upstream.contents.set(`/-/npm/v1/attestations/${name}@99.0.0`, json({ attestations: [], mark }))
  }
  const found = owned.map((name) => ({ package: { name, version: '99.0.0', description: mark } }))
  upstream.contents.set('/-/v1/search', () => json({ objects: found, total: found.length }))
  const advice = [
    { id: 1, title: mark, severity: 'high', vulnerable_versions: '*', url: 'https://example.org' },
  ]
  upstream.contents.set('/-/npm/v1/security/advisories/bulk', ({ body }) =>
    json(Object.fromEntries(Object.keys(JSON.parse(body.toString())).map((name) => [name, advice]))),
  )
}

async function publishOurs(): Promise<void> {
  const put = (owner: Made, name: string, version: string) =>
    app.root.json('PUT', `${registryOf(app, { project: owner })}/${name.replace('/', '%2f')}`, {
      ...sampleBody({ name, version, content: `${name} ${version}` }),
    })
  for (const name of ours.filter((one) => !/future|unheard/.test(one))) await put(project, name, '1.0.0')
  await put(other, 'twice-lib', '99.0.0')
  const pattern = { format: 'npm', pattern: 'future-*' }
  await app.root.json('POST', `/api/v4/groups/${acme.id}/name_reservations`, pattern)
  const packages = `/api/v4/projects/${project.id}/packages`
  for (const name of ['deleted-lib', 'purged-lib']) {
    const [found] = await app.root.json('GET', `${packages}?package_name=${name}`)
    const purge = name === 'purged-lib' ? '?purge=true' : ''
    await app.root.json('DELETE', `${packages}/${found.id}${purge}`)
  }
  await app.app.worker.drain()
}

/** Every address by which a package can be heard of. */
function doors(name: string): readonly string[] {
  const encoded = name.replace('/', '%2f')
  const base = name.slice(name.indexOf('/') + 1)
  return [
    `/${name}`,
    `/${encoded}`,
    `/${encoded}/99.0.0`,
    `/${encoded}/latest`,
    `/${name}/-/${base}-99.0.0.tgz`,
    `/-/package/${encoded}/dist-tags`,
    `/-/npm/v1/attestations/${encoded}@99.0.0`,
    `/-/v1/search?text=${base}&size=100`,
  ]
}

/** Whether a request of ours told the upstream of one of these names: by its address or what was sent. */
function toldOf(names: readonly string[]): string[] {
  const folded = names.map((name) => name.toLowerCase())
  return upstream.requests
    .filter(({ path }) => path !== '/-/v1/search')
    .map(({ method, path, query, text }) => `${method} ${path} ${query} ${text}`)
    .filter((line) => folded.some((name) => line.toLowerCase().includes(name)))
}

describe('a name of ours', () => {
  for (const name of owned) {
    it(`${name} is never the stranger's`, async () => {
      for (const { title, headers } of callers) {
        for (const [level, owner] of Object.entries(levels)) {
          for (const door of doors(name)) {
            const reply = await fetch(registryOf(app, owner) + door, { headers, redirect: 'manual' })
            const text = Buffer.from(await reply.arrayBuffer()).toString('latin1')
            const what = `${title}, ${level}, ${door}: ${reply.status} ${text.slice(0, 300)}`
            assert.ok(reply.status < 500, what)
            // What another project of the group published as 99.0.0 is still served where it stands.
            if (name === 'twice-lib' && level !== 'group') continue
            assert.ok(!text.includes(mark) && !isOf99(reply, text, door), what)
          }
        }
      }
      assert.deepEqual(toldOf([name]), [], 'the upstream was asked')
    })
  }

  it('is not told of in an audit, and what is nobody\u2019s is', async () => {
    for (const { title, headers } of callers.filter(({ readsGroup }) => readsGroup)) {
      const body = JSON.stringify(Object.fromEntries([...ours, 'free-lib'].map((name) => [name, ['99.0.0']])))
      const url = `${registryOf(app, levels['group']!)}/-/npm/v1/security/advisories/bulk`
      const type = { 'content-type': 'application/json' }
      const reply = await fetch(url, { method: 'POST', headers: { ...headers, ...type }, body })
      assert.deepEqual([title, Object.keys((await reply.json()) as object)], [title, ['free-lib']])
    }
    assert.deepEqual(toldOf(ours), [])
  })
})

/** A whole answer about the version that only the stranger has; 404 pages may repeat what was asked for. */
function isOf99({ status }: Response, text: string, door: string): boolean {
  return status === 200 && !door.startsWith('/-/v1/search') && text.includes('99.0.0')
}

describe('the same upstream', () => {
  it('answers for names that are nobody\u2019s', async () => {
    const url = `${registryOf(app, levels['group']!)}/free-lib`
    const reply = await fetch(url, { headers: { 'private-token': app.root.token } })
    assert.equal(reply.status, 200)
    assert.ok((await reply.text()).includes('99.0.0'))
    assert.ok(upstream.asked('/free-lib') > 0)
  })

  it('answers for the same names in groups that do not own them', async () => {
    const group = await app.group('beta')
    await addUpstream(app.root, { group }, { url: upstream.url })
    const url = `${registryOf(app, { group })}/acme-lib/-/acme-lib-99.0.0.tgz`
    const reply = await fetch(url, { headers: { 'private-token': app.root.token } })
    assert.equal(reply.status, 200)
    await reply.bytes()
    assert.equal(upstream.asked('/acme-lib/-/acme-lib-99.0.0.tgz'), 1)
  })
})

describe('what another project published under a name of ours', () => {
  it('is not among its versions in the group', async () => {
    const url = `${registryOf(app, levels['group']!)}/twice-lib`
    const reply = await fetch(url, { headers: { 'private-token': app.root.token } })
    const { versions, 'dist-tags': tags } = (await reply.json()) as Record<string, Record<string, unknown>>
    assert.deepEqual(Object.keys(versions!), ['1.0.0'])
    assert.deepEqual(tags, { latest: '1.0.0' })
  })
})
