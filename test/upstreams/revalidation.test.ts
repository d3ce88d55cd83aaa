/** How documents from upstream grow old: fresh for a time, then asked about, served stale where nobody answers; and whom a group asks. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { status } from './faults.ts'
import {
  addUpstream,
  changeUpstream,
  filledGroup,
  later,
  registryOf,
  until,
  type UpstreamWish,
} from './filled-registry.ts'
import { npmUpstream, shortType, type NpmUpstream } from './npm-packages.ts'
import { upstreamScene } from './scene.ts'

const ttl = 300
const short = { accept: shortType }
const scene = upstreamScene()
let made = 0

async function open(): Promise<NpmUpstream> {
  const upstream = await scene.open()
  return npmUpstream(upstream)
}

/** A group that fills from an upstream of its own. */
async function place(wish: Partial<UpstreamWish> = {}) {
  const registry = await open()
  const { upstream } = registry
  const group = await filledGroup(scene.app, `place-${++made}`, { url: upstream.url, ttl, ...wish })
  return { ...group, ...registry, ...reader(group.registry) }
}

function reader(address: string) {
  const get = (path: string, headers: Record<string, string> = {}) =>
    scene.app.root.get(address + path, headers)
  const versions = async (name = 'far') => {
    const reply = await get(`/${name}`, short)
    if (reply.status !== 200) return [String(reply.status)]
    return Object.keys(((await reply.json()) as { versions: object }).versions)
  }
  return {
    get,
    versions,
    sees: (...wanted: string[]) => until(async () => same(await versions(), wanted), `${wanted}`),
  }
}

const same = (found: readonly string[], wanted: readonly string[]) =>
  found.join() === wanted.join() ? true : undefined

describe('a document', () => {
  it('is asked for once while it is fresh, and then asked about: 304 keeps it', async () => {
    const { publish, upstream, versions, sees } = await place()
    publish({ name: 'far', version: '1.0.0' })
    for (let asked = 0; asked < 5; asked++) assert.deepEqual(await versions(), ['1.0.0'])
    assert.equal(upstream.asked('/far'), 1)
    await later(scene.app, (ttl - 30) * 1000)
    await sees('1.0.0')
    assert.equal(upstream.asked('/far'), 1)
    await later(scene.app, 60_000)
    await sees('1.0.0')
    await until(() => upstream.asked('/far') === 2 || undefined, 'revalidation')
    const { status: told, headers } = upstream.requests.at(-1)!
    assert.equal(told, 304)
    assert.ok(headers['if-none-match'])
    await sees('1.0.0')
    assert.equal(upstream.asked('/far'), 2)
  })

  it('that changed upstream is shown after its time, however it is asked for', async () => {
    const { publish, versions, sees, get } = await place()
    publish({ name: 'far', version: '1.0.0' })
    await sees('1.0.0')
    publish({ name: 'far', version: '1.1.0' })
    assert.deepEqual(await versions(), ['1.0.0'])
    await later(scene.app, (ttl + 1) * 1000)
    await sees('1.0.0', '1.1.0')
    const full = (await (await get('/far')).json()) as any
    assert.equal(full['dist-tags'].latest, '1.1.0')
    assert.ok(full.time['1.1.0'])
    const { headers } = await get('/far')
    const etag = headers.get('etag')!
    assert.equal((await get('/far', { 'if-none-match': etag })).status, 304)
  })

  it('that is very old is waited for, so that what changed is seen at once', async () => {
    const { publish, versions, sees } = await place()
    publish({ name: 'far', version: '1.0.0' })
    await sees('1.0.0')
    publish({ name: 'far', version: '2.0.0' })
    await later(scene.app, 3 * 86_400_000)
    assert.deepEqual(await versions(), ['1.0.0', '2.0.0'])
  })

  it('that lost a version upstream loses it here; its file stays', async () => {
    const { publish, unpublish, sees, get } = await place()
    const { path, tarball } = publish({ name: 'far', version: '1.0.0' })
    publish({ name: 'far', version: '1.1.0' })
    await sees('1.0.0', '1.1.0')
    assert.deepEqual(Buffer.from(await (await get(path)).bytes()), tarball)
    unpublish('far', '1.0.0')
    await later(scene.app, (ttl + 1) * 1000)
    await sees('1.1.0')
    assert.deepEqual(Buffer.from(await (await get(path)).bytes()), tarball)
  })

  it('stays as it is where the upstream lost the whole name', async () => {
    const { publish, unpublish, upstream, sees, versions, get } = await place()
    const { path, tarball } = publish({ name: 'far', version: '1.0.0' })
    await sees('1.0.0')
    await (await get(path)).bytes()
    unpublish('far')
    await later(scene.app, (ttl + 1) * 1000)
    await sees('1.0.0')
    await until(() => upstream.asked('/far') > 1 || undefined, 'revalidation')
    await later(scene.app, 3 * 86_400_000)
    assert.deepEqual(await versions(), ['1.0.0'])
    assert.deepEqual(Buffer.from(await (await get(path)).bytes()), tarball)
  })

  it('is served stale, with its age, while the upstream fails', async () => {
    const { publish, upstream, sees, get } = await place()
    publish({ name: 'far', version: '1.0.0' })
    await sees('1.0.0')
    const fault = upstream.fail('/far', status(500))
    await later(scene.app, (ttl + 100) * 1000)
    await sees('1.0.0')
    await until(() => fault.count > 0 || undefined, 'the fault')
    const aged = await until(async () => (await get('/far', short)).headers.get('age') ?? undefined, 'an age')
    assert.ok(Number(aged) >= ttl + 100 && Number(aged) < ttl + 200, aged)
    fault.off()
    await later(scene.app, (ttl + 1) * 1000)
    const fresh = async () => ((await get('/far', short)).headers.get('age') === null ? true : undefined)
    await until(fresh, 'an answer without an age', 60_000)
  })
})

describe('a name that an upstream does not have', () => {
  it('is remembered as missing for a minute', async () => {
    const { publish, upstream, versions } = await place()
    for (let asked = 0; asked < 4; asked++) assert.deepEqual(await versions(), ['404'])
    assert.equal(upstream.asked('/far'), 1)
    publish({ name: 'far', version: '1.0.0' })
    await later(scene.app, 61_000)
    assert.deepEqual(await versions(), ['1.0.0'])
  })
})

describe('several upstreams', () => {
  async function two(second: Partial<UpstreamWish> = {}) {
    const first = await place()
    const other = await open()
    await addUpstream(scene.app.root, { group: first.group }, { url: other.upstream.url, ttl, ...second })
    return { first, other, ...reader(first.registry) }
  }

  it('answer in their order: the first that has a name answers alone', async () => {
    const { first, other, versions, get } = await two()
    first.publish({ name: 'far', version: '1.0.0' })
    const hidden = other.publish({ name: 'far', version: '2.0.0' })
    const second = other.publish({ name: 'only-second', version: '3.0.0' })
    assert.deepEqual(await versions(), ['1.0.0'])
    assert.equal((await get(hidden.path)).status, 404)
    assert.deepEqual(await versions('only-second'), ['3.0.0'])
    assert.deepEqual(Buffer.from(await (await get(second.path)).bytes()), second.tarball)
    assert.equal(other.upstream.asked(/^\/far/), 0)
  })

  it('add versions where one mixes', async () => {
    const { first, other, versions, get } = await two({ mixes: true })
    first.publish({ name: 'far', version: '1.0.0' })
    const added = other.publish({ name: 'far', version: '2.0.0' })
    const clash = other.publish({ name: 'far', version: '1.0.0', ballast: 10 })
    assert.deepEqual(await versions(), ['1.0.0', '2.0.0'])
    assert.deepEqual(Buffer.from(await (await get(added.path)).bytes()), added.tarball)
    assert.notDeepEqual(Buffer.from(await (await get(clash.path)).bytes()), clash.tarball)
  })

  it('do not answer for one that fails: it might have had the name', async () => {
    const { first, other, versions } = await two()
    other.publish({ name: 'far', version: '2.0.0' })
    const fault = first.upstream.fail(/./, status(500))
    const [seen] = await versions()
    assert.ok(['502', '503'].includes(seen!), seen)
    assert.ok(fault.count > 0)
    assert.equal(other.upstream.asked('/far'), 0)
  })
})

describe('an upstream', () => {
  it('is asked for what it includes and does not exclude', async () => {
    const { publish, upstream, versions } = await place({
      include: ['@team/*', 'far*'],
      exclude: ['far-off'],
    })
    for (const name of ['@team/one', 'far', 'far-off', 'near']) publish({ name, version: '1.0.0' })
    assert.deepEqual(await versions('@team/one'), ['1.0.0'])
    assert.deepEqual(await versions('far'), ['1.0.0'])
    assert.deepEqual(await versions('far-off'), ['404'])
    assert.deepEqual(await versions('near'), ['404'])
    assert.equal(upstream.asked(/near|off/), 0)
  })

  it('that is offline is never asked; what is kept of it is served', async () => {
    const { publish, upstream, versions, get, group, id } = await place()
    const { path, tarball } = publish({ name: 'far', version: '1.0.0' })
    publish({ name: 'other', version: '1.0.0' })
    await versions()
    await (await get(path)).bytes()
    await later(scene.app)
    await changeUpstream(scene.app.root, { group }, id, { offline: true })
    upstream.forget()
    await later(scene.app, 3 * 86_400_000)
    assert.deepEqual(await versions(), ['1.0.0'])
    assert.deepEqual(Buffer.from(await (await get(path)).bytes()), tarball)
    assert.deepEqual(await versions('other'), ['404'])
    assert.equal(upstream.requests.length, 0)
  })

  it('that is offline ends the search: none behind it answers for what it may have', async () => {
    const { group, id, versions, get } = await place()
    const behind = await open()
    const stranger = behind.publish({ name: 'far', version: '9.0.0' })
    await addUpstream(scene.app.root, { group }, { url: behind.upstream.url, ttl })
    await changeUpstream(scene.app.root, { group }, id, { offline: true })
    assert.deepEqual(await versions(), ['404'])
    assert.equal((await get(stranger.path)).status, 404)
    assert.equal(behind.upstream.requests.length, 0)
  })

  it('of the nearest level is asked, and no other one', async () => {
    const above = await place()
    above.publish({ name: 'far', version: '1.0.0' })
    above.publish({ name: 'above-only', version: '1.0.0' })
    const path = above.group.full_path
    const [inheriting, own] = [
      await scene.app.group(`${path}/inheriting`),
      await scene.app.group(`${path}/own`),
    ]
    const near = await open()
    near.publish({ name: 'far', version: '2.0.0' })
    await addUpstream(scene.app.root, { group: own }, { url: near.upstream.url, ttl })
    const project = await scene.app.project(`${path}/inheriting/app`)
    const at = (owner: Parameters<typeof registryOf>[1]) => reader(registryOf(scene.app, owner))
    assert.deepEqual(await at({ group: inheriting }).versions(), ['1.0.0'])
    assert.deepEqual(await at({ group: own }).versions(), ['2.0.0'])
    assert.deepEqual(await at({ group: own }).versions('above-only'), ['404'])
    assert.deepEqual(await at({ project }).versions(), ['404'])
    await addUpstream(scene.app.root, { project }, { url: near.upstream.url, ttl })
    assert.deepEqual(await at({ project }).versions(), ['2.0.0'])
  })

  it('above a group that does not inherit is not asked', async () => {
    const above = await place()
    above.publish({ name: 'far', version: '1.0.0' })
    const group = await scene.app.group(`${above.group.full_path}/closed`)
    const stop = { format: 'npm', inherit: false }
    await scene.app.root.json('PUT', `/api/v4/groups/${group.id}/-/upstreams/inheritance`, stop)
    const below = await scene.app.group(`${group.full_path}/below`)
    for (const one of [group, below]) {
      assert.deepEqual(await reader(registryOf(scene.app, { group: one })).versions(), ['404'])
    }
    assert.equal(above.upstream.requests.length, 0)
  })

  it('answers nobody who may not read the group', async () => {
    const { publish, registry, upstream } = await place()
    const { path } = publish({ name: 'far', version: '1.0.0' })
    const stranger = await scene.app.user('stranger')
    for (const door of ['/far', path]) {
      assert.ok([403, 404].includes((await stranger.get(registry + door)).status))
      assert.equal((await scene.app.anonymous.get(registry + door)).status, 401)
    }
    assert.equal(upstream.requests.length, 0)
  })

  it('fills no lists: what comes from it is no package of ours', async () => {
    const { publish, versions, get, group } = await place()
    const { path } = publish({ name: 'far', version: '1.0.0' })
    await versions()
    await (await get(path)).bytes()
    assert.deepEqual(await scene.app.root.json('GET', `/api/v4/groups/${group.id}/packages`), [])
  })
})
