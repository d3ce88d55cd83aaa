/** An upstream cannot lead us anywhere but to itself and the Internet, and what we know of it stays with it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import { redirect } from './faults.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { addUpstream, filledGroup, later, onlyLoopback, type UpstreamWish } from './filled-registry.ts'
import { json, makeNpmPackage, npmUpstream, type NpmPackage } from './npm-packages.ts'
import { resolveAs } from './test-resolver.ts'

let app: TestApp
/** Listens at every address of this machine, and must never hear anything. */
let bait: FaultyUpstream
let made = 0
const opened: FaultyUpstream[] = []

before(async () => {
  app = await createTestApp({ env: onlyLoopback })
  bait = await startFaultyUpstream({ host: '::' })
})
after(async () => {
  for (const upstream of [bait, ...opened]) await upstream?.close()
  await app?.close()
})

async function open(...options: Parameters<typeof startFaultyUpstream>): Promise<FaultyUpstream> {
  const upstream = await startFaultyUpstream(...options)
  opened.push(upstream)
  return upstream
}

/** A group that fills from an upstream of its own, with one package. */
async function place(wish: Partial<UpstreamWish> = {}) {
  const upstream = await open()
  const pkg = npmUpstream(upstream).publish({ name: 'far', version: '1.0.0', ballast: 1000 })
  const { group, registry } = await filledGroup(app, `place-${++made}`, { url: upstream.url, ...wish })
  const get = (path: string, token = app.root.token) =>
    fetch(registry + path, { headers: token === '' ? {} : { 'private-token': token } })
  return { upstream, pkg, group, registry, get }
}

/** Addresses of this machine and of networks beside the Internet, in every spelling. */
const forbidden = (port: number) => [
  `http://127.0.0.2:${port}/x`,
  `http://127.1.1.1:${port}/x`,
  `http://0.0.0.0:${port}/x`,
  `http://[::1]:${port}/x`,
  `http://[::]:${port}/x`,
  `http://[::ffff:127.0.0.2]:${port}/x`,
  `http://[::ffff:7f00:2]:${port}/x`,
  `http://[64:ff9b::7f00:2]:${port}/x`,
  `http://[2002:7f00:2::]:${port}/x`,
  `http://2130706434:${port}/x`,
  `http://0x7f000002:${port}/x`,
  `http://0177.0.0.2:${port}/x`,
  `http://127.2:${port}/x`,
  'http://169.254.169.254/latest/meta-data/',
  'http://[fe80::1]/x',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://10.0.0.1/x',
  'http://172.16.0.1/x',
  'http://192.168.0.1/x',
  'http://100.64.0.1/x',
  'http://224.0.0.1/x',
  'file:///etc/passwd',
  'ftp://127.0.0.1/x',
  'gopher://127.0.0.1/x',
  'data:application/json,{}',
  'http://user:secret@127.0.0.1/x',
]

describe('an upstream that leads elsewhere', () => {
  for (const door of ['/far', '/far/1.0.0', '/far/-/far-1.0.0.tgz']) {
    it(`by redirects of ${door} is not followed`, async () => {
      await Promise.all(
        forbidden(bait.port).map(async (location) => {
          const { upstream, get } = await place()
          const fault = upstream.fail(door, redirect(location))
          const asked = door === '/far/1.0.0' ? '/far/-/far-1.0.0.tgz' : door
          const began = performance.now()
          const reply = await get(asked)
          await reply.bytes().catch(() => {})
          assert.ok(fault.count > 0, `${location} was sent`)
          assert.equal(reply.status, 502, location)
          assert.ok(performance.now() - began < 20_000, `${location} was not tried`)
        }),
      )
      assert.equal(bait.connections, 0)
    })
  }

  it('by the address of a tarball is not followed', async () => {
    await Promise.all(
      forbidden(bait.port).map(async (tarball) => {
        const { upstream, pkg, get } = await place()
        say(upstream, pkg, tarball)
        const reply = await get(pkg.path)
        const bytes = await reply.bytes().catch(() => undefined)
        // It may be asked itself for what it says is elsewhere.
        if (reply.status === 200) assert.deepEqual(bytes && Buffer.from(bytes), pkg.tarball)
        else assert.ok([404, 502].includes(reply.status), `${tarball}: ${reply.status}`)
      }),
    )
    assert.equal(bait.connections, 0)
  })

  it('is not even tried out where it must not be asked', async () => {
    const group = await app.group(`trial-${++made}`)
    const told = new Set<string>()
    for (const url of forbidden(bait.port)) {
      const body = { format: 'npm', url }
      const reply = await app.root.post(`/api/v4/groups/${group.id}/-/upstreams/test`, body)
      const answer = (await reply.json()) as { ok?: boolean; status?: number | null; message: string }
      assert.ok(
        reply.status === 400 || (answer.ok === false && answer.status === null),
        `${url}: ${reply.status}`,
      )
      if (reply.status === 200) told.add(answer.message)
    }
    assert.equal(bait.connections, 0)
    // Whether something listens there must not be heard from the words.
    assert.ok(told.size <= 1, [...told].join('; '))
  })

  it('by its name to forbidden addresses is not asked', async () => {
    const names = ['127.0.0.2', '169.254.169.254', '::1', '::ffff:127.0.0.2', '10.0.0.1', '0.0.0.0']
    const answers = Object.fromEntries(names.map((address, at) => [`n${at}.test`, [[address]]]))
    const resolver = resolveAs(answers)
    try {
      for (const name of Object.keys(answers)) {
        const group = await filledGroup(app, `named-${++made}`, { url: `http://${name}:${bait.port}` })
        const reply = await app.root.get(`${group.registry}/far`)
        assert.equal(reply.status, 502, `${name}: ${await reply.text()}`)
        assert.ok(resolver.asked(name) > 0)
      }
    } finally {
      resolver.restore()
    }
    assert.equal(bait.connections, 0)
  })
})

/** Lets documents say that the tarball is somewhere else. */
function say(upstream: FaultyUpstream, { manifest, name, version }: NpmPackage, tarball: string): void {
  const told = { ...manifest, dist: { ...manifest.dist, tarball } }
  upstream.contents.set(`/${name}/${version}`, json(told))
  upstream.contents.set(
    `/${name}`,
    json({ name, 'dist-tags': { latest: version }, versions: { [version]: told } }),
  )
}

describe('a name whose addresses change', () => {
  it('is connected to at the very address that was checked', async () => {
    const upstream = await open()
    const trap = await open({ host: '127.0.0.2', port: upstream.port })
    const pkg = npmUpstream(upstream).publish({ name: 'far', version: '1.0.0' })
    npmUpstream(trap).publish({ name: 'far', version: '6.6.6' })
    const flipping = Array.from({ length: 50 }, (_, at) => [at % 2 === 0 ? '127.0.0.1' : '127.0.0.2'])
    const resolver = resolveAs({ 'rebind.test': flipping, 'both.test': [['127.0.0.2', '127.0.0.1']] })
    try {
      for (const host of ['rebind.test', 'both.test']) {
        const group = await filledGroup(app, `rebinding-${++made}`, {
          url: `http://${host}:${upstream.port}`,
        })
        for (let asked = 0; asked < 6; asked++) {
          const reply = await app.root.get(`${group.registry}/far`)
          const text = await reply.text()
          if (reply.status === 200) assert.deepEqual(Object.keys(JSON.parse(text).versions), [pkg.version])
          else assert.ok([502, 503].includes(reply.status), text)
        }
        assert.ok(resolver.asked(host) > 0)
      }
    } finally {
      resolver.restore()
    }
    assert.ok(upstream.asked('/far') > 0)
    assert.equal(trap.connections, 0)
  })
})

describe('the credential of an upstream', () => {
  const credentials = [
    { wish: { username: 'reader', password: 'pass word' }, sent: `Basic ${btoa('reader:pass word')}` },
    { wish: { token: 'far-token' }, sent: 'Bearer far-token' },
  ]
  for (const { wish, sent } of credentials) {
    it(`goes to it with every request, and nowhere else: ${Object.keys(wish).join(' and ')}`, async () => {
      const elsewhere = await open()
      const { upstream, pkg, get } = await place(wish)
      elsewhere.contents.set('/moved.tgz', { body: pkg.tarball, type: 'application/octet-stream' })
      upstream.fail(pkg.path, redirect(`${elsewhere.url}/moved.tgz`))
      assert.deepEqual(Buffer.from(await (await get(pkg.path)).bytes()), pkg.tarball)
      const second = makeNpmPackage(upstream.url, { name: 'second', version: '1.0.0' })
      elsewhere.contents.set('/second.tgz', { body: second.tarball, type: 'application/octet-stream' })
      say(upstream, second, `${elsewhere.url}/second.tgz`)
      assert.deepEqual(Buffer.from(await (await get(second.path)).bytes()), second.tarball)
      assert.equal((await get('/far')).status, 200)
      assert.ok(upstream.requests.length >= 4)
      for (const { path, headers } of upstream.requests) assert.equal(headers.authorization, sent, path)
      assert.equal(elsewhere.asked(/tgz$/), 2)
      for (const { headers } of elsewhere.requests) {
        assert.ok(!JSON.stringify(headers).includes('far-token'))
        assert.equal(headers.authorization, undefined)
        assert.equal(headers.cookie, undefined)
      }
    })
  }

  it('is none of the caller\u2019s', async () => {
    const { upstream, pkg, get, registry } = await place()
    await (await get(pkg.path)).bytes()
    const basic = `Basic ${btoa(`any:${app.root.token}`)}`
    await (await fetch(`${registry}/far`, { headers: { authorization: basic, cookie: 'a=b' } })).bytes()
    assert.ok(upstream.requests.length >= 2)
    for (const { headers, query } of upstream.requests) {
      assert.ok(!`${JSON.stringify(headers)}${query}`.includes(app.root.token))
      assert.equal(headers.authorization, undefined)
      assert.equal(headers.cookie, undefined)
    }
  })
})

describe('callers without a credential', () => {
  it('are served what is kept, and let nothing be fetched', async () => {
    const { upstream, pkg, registry, get } = await publicPlace()
    for (const path of ['/far', pkg.path, '/far/1.0.0', '/-/package/far/dist-tags']) {
      assert.ok([401, 404].includes((await fetch(registry + path)).status), path)
    }
    assert.equal(upstream.connections, 0)
    await (await get('/far')).bytes()
    await (await get(pkg.path)).bytes()
    await later(app)
    upstream.forget()
    const document = await fetch(`${registry}/far`)
    assert.deepEqual(Object.keys(((await document.json()) as any).versions), ['1.0.0'])
    assert.deepEqual(Buffer.from(await (await fetch(registry + pkg.path)).bytes()), pkg.tarball)
    assert.equal(upstream.requests.length, 0)
  })

  it('let it be fetched where that is switched on', async () => {
    const { upstream, pkg, registry } = await publicPlace({ anonymous_fill: true })
    assert.deepEqual(Buffer.from(await (await fetch(registry + pkg.path)).bytes()), pkg.tarball)
    assert.equal((await fetch(`${registry}/far`)).status, 200)
    assert.equal(upstream.asked(pkg.path), 1)
  })

  it('get nothing from an upstream behind one that is not asked for them', async () => {
    const { upstream, group, registry } = await publicPlace()
    const behind = await open()
    const stranger = npmUpstream(behind).publish({ name: 'far', version: '9.0.0', ballast: 1000 })
    await addUpstream(app.root, { group }, { url: behind.url, anonymous_fill: true })
    for (const path of ['/far', stranger.path])
      assert.ok([401, 404].includes((await fetch(registry + path)).status), path)
    assert.equal(upstream.requests.length + behind.requests.length, 0)
  })

  async function publicPlace(wish: Partial<UpstreamWish> = {}) {
    await app.project(`place-${made + 1}/open`, { visibility: 'public' })
    return place(wish)
  }
})
