/** A packument of 20 MB and 10,000 versions from upstream holds nobody else up while it is read and merged. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { npmPackage } from '../faults/attempts.ts'
import { startServed, type Served } from '../serving/served.ts'
import { readExactly } from './exact-reader.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { addUpstream, registryOf } from './filled-registry.ts'
import { startProbe, type Probe } from './latency-probe.ts'
import { bigPackument, served as servedForms, shortType } from './npm-packages.ts'

const versions = 10_000
const bytes = 20 * 1024 * 1024
/** In milliseconds. */
const most = 50
const everyMs = 5
/** Other work on the machine makes everybody wait, too: what we do ourselves is there in each round. */
const rounds = 4

let server: Served
let upstream: FaultyUpstream
let probe: Probe
let registry: string
before(async () => {
  upstream = await startFaultyUpstream()
  server = await startServed('', { ENTREPOT_EGRESS__ALLOW: '127.0.0.1/32', ENTREPOT_LOG__LEVEL: 'warn' })
  const group = await server.root.json('GET', '/api/v4/groups/acme')
  await addUpstream(server.root, { group }, { url: upstream.url })
  registry = registryOf(server, { group })
  const { upload } = npmPackage('quick', 1000)
  const reply = await server.root.request(upload.method, upload.path, { body: upload.body })
  assert.ok(reply.ok, `${reply.status} ${await reply.text()}`)
  probe = await startProbe({
    url: `${registry}/quick`,
    headers: { 'private-token': server.root.token },
    everyMs,
  })
})
after(async () => {
  await probe?.stop()
  await server?.remove()
  await upstream?.close()
})

const headers = () => ({ 'private-token': server.root.token, 'accept-encoding': 'gzip' })

/** Names that nobody asked for yet, so that each is read from upstream; several make the time that is looked at longer. */
async function makeBig(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const forms = servedForms(bigPackument(upstream.url, name, versions, bytes))
    upstream.contents.set(`/${name}`, forms)
    // So that compressing it takes nobody's time later.
    for (const accept of ['application/json', shortType]) {
      for (const encoding of ['identity', 'gzip']) {
        const asked = { accept, 'accept-encoding': encoding }
        const { body } = await readExactly(`${upstream.url}/${name}`, { headers: asked })
        if (accept !== shortType && encoding === 'identity') assert.ok(body.length > 0.95 * bytes)
      }
    }
  }
  upstream.forget()
}

async function readBig(names: readonly string[], accept: string): Promise<void> {
  for (const name of names) {
    const answer = await readExactly(`${registry}/${name}`, { headers: { ...headers(), accept } })
    assert.deepEqual([answer.status, answer.end], [200, 'complete'], answer.body.toString('latin1', 0, 300))
  }
}

for (const accept of ['application/json', shortType]) {
  it(`${accept}: others wait less than ${most} ms in 99 of 100 cases`, async () => {
    const told: string[] = []
    for (let round = 0; round < rounds; round++) {
      const names = [0, 1, 2].map((at) => `big-${accept.length}-${round}-${at}`)
      await makeBig(...names)
      await probe.during(() => sleep(500))
      const quiet = await probe.during(() => sleep(2000))
      const busy = await probe.during(() => readBig(names, accept))
      for (const name of names) {
        assert.equal(upstream.asked(`/${name}`), 1)
        upstream.contents.delete(`/${name}`)
      }
      told.push(`alone ${JSON.stringify(quiet.probed)}, beside it ${JSON.stringify(busy.probed)}`)
      console.log(told.at(-1))
      assert.equal(busy.probed.failed, 0, told.at(-1))
      assert.ok(busy.probed.count > 50, told.at(-1))
      if (busy.probed.p99 < most) return
    }
    assert.fail(told.join('\n'))
  })
}

it('what comes of it is whole: every version, with a link to us', async () => {
  await makeBig('whole')
  const reply = await fetch(`${registry}/whole`, { headers: { ...headers(), accept: shortType } })
  const packument = (await reply.json()) as any
  const listed = Object.entries<any>(packument.versions)
  assert.equal(listed.length, versions)
  for (const [, { dist }] of listed) assert.ok(dist.tarball.startsWith(`${registry}/`), dist.tarball)
  assert.equal(packument['dist-tags'].latest, listed.at(-1)![0])
})

it('a hundred who want it at once get it, read once', async () => {
  upstream.contents.set('/another', servedForms(bigPackument(upstream.url, 'another', versions, bytes)))
  const ask = () => readExactly(`${registry}/another`, { headers: { ...headers(), accept: shortType } })
  for (const { status, end } of await Promise.all(Array.from({ length: 100 }, ask))) {
    assert.deepEqual([status, end], [200, 'complete'])
  }
  assert.equal(upstream.asked('/another'), 1)
})
