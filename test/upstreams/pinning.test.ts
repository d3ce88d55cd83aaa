/** What a file from upstream was at first it stays: other bytes under its name are never handed out, until an owner says so. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readExactly } from './exact-reader.ts'
import { addUpstream, filledGroup, later, registryOf } from './filled-registry.ts'
import { npmUpstream } from './npm-packages.ts'
import { upstreamScene } from './scene.ts'

const day = 86_400_000
const scene = upstreamScene()
let made = 0

async function place(ballast: number) {
  const upstream = await scene.open()
  const registry = npmUpstream(upstream)
  const first = registry.publish({ name: 'far', version: '1.0.0', ballast })
  const wish = { url: upstream.url, ttl: 60, keep_days_unused: 1 }
  const { group, registry: address } = await filledGroup(scene.app, `place-${++made}`, wish)
  const get = (path: string) =>
    readExactly(address + path, { headers: { 'private-token': scene.app.root.token } })
  return { upstream, registry, first, group, get }
}

/** The alarm is in the log, so many times, and nothing else. */
function expectAlarms(count: number): void {
  const words = scene.app.errors.splice(0).map((line) => (JSON.parse(line) as { msg: string }).msg)
  assert.deepEqual(
    words,
    Array.from({ length: count }, () => 'an upstream offers other bytes than were first seen'),
  )
}

/** Lets kept files go that nobody used for a day. */
async function trim(): Promise<void> {
  await later(scene.app, 3 * day)
  await scene.app.app.worker.drain()
}

for (const ballast of [1000, 300_000]) {
  describe(`a file of ${ballast} bytes that the upstream replaced`, () => {
    it('stays here as it was, while it is kept', async () => {
      const { registry, first, get } = await place(ballast)
      assert.deepEqual((await get(first.path)).body, first.tarball)
      registry.replace({ name: 'far', version: '1.0.0', ballast })
      await later(scene.app, 61_000)
      await get('/far')
      assert.deepEqual((await get(first.path)).body, first.tarball)
      await later(scene.app, 2 * 60 * 60_000)
      assert.deepEqual((await get(first.path)).body, first.tarball)
    })

    it('is fetched again after it left, if it is what it was', async () => {
      const { upstream, first, get } = await place(ballast)
      await get(first.path)
      await trim()
      assert.deepEqual((await get(first.path)).body, first.tarball)
      assert.equal(upstream.asked(first.path), 2)
    })

    it('is refused with other bytes, until an owner pins them by hand', async () => {
      const { registry, first, group, get } = await place(ballast)
      assert.deepEqual((await get(first.path)).body, first.tarball)
      await trim()
      const second = registry.replace({ name: 'far', version: '1.0.0', ballast })
      for (let asked = 0; asked < 2; asked++) {
        const refused = await get(first.path)
        assert.ok(refused.end === 'broken' || refused.status >= 400, `${refused.status} ${refused.end}`)
        assert.ok(!refused.body.includes(second.tarball.subarray(-64)))
      }
      expectAlarms(2)
      const pins = `/api/v4/groups/${group.id}/-/upstreams/pins`
      const alarms = await scene.app.root.json('GET', `${pins}?refused=true`)
      assert.deepEqual(
        alarms.map(({ name, version }: { name: string; version: string }) => [name, version]),
        [['far', '1.0.0']],
      )
      const reporter = await scene.app.user('reporter')
      await scene.app.member(reporter, group.full_path, 20)
      const repin = `${pins}/${alarms[0].id}/repin`
      assert.equal((await reporter.post(repin)).status, 403)
      const owner = await scene.app.user('owner')
      await scene.app.member(owner, group.full_path, 50)
      assert.equal((await owner.post(repin)).status, 200)
      await later(scene.app, 61_000)
      const taken = await get(first.path)
      assert.equal(taken.end, 'complete')
      assert.deepEqual(taken.body, second.tarball)
    })
  })
}

describe('a pin', () => {
  it('holds for the whole top-level group, whatever upstream answers', async () => {
    const { upstream, first, group, get } = await place(1000)
    await get(first.path)
    await later(scene.app)
    const other = await scene.open()
    const changed = npmUpstream(other).publish({ name: 'far', version: '1.0.0', ballast: 1000 })
    const { registry } = await filledGroup(scene.app, `${group.full_path}/below`, { url: other.url, ttl: 60 })
    const reply = await readExactly(registry + first.path, {
      headers: { 'private-token': scene.app.root.token },
    })
    assert.ok(!reply.body.equals(changed.tarball))
    assert.ok(reply.status >= 400 || reply.end === 'broken')
    assert.equal(upstream.asked(first.path), 1)
    expectAlarms(1)
  })

  it('is made for each top-level group that asks, also where several wait for the same file', async () => {
    const upstream = await scene.open()
    const file = npmUpstream(upstream).publish({ name: 'shared', version: '1.0.0', ballast: 3_000_000 })
    await addUpstream(scene.app.root, 'instance', { url: upstream.url })
    const groups = [await scene.app.group('sharing-one'), await scene.app.group('sharing-two')]
    const headers = { 'private-token': scene.app.root.token }
    const replies = await Promise.all(
      groups.map((group) => readExactly(registryOf(scene.app, { group }) + file.path, { headers })),
    )
    for (const { body } of replies) assert.deepEqual(body, file.tarball)
    assert.equal(upstream.asked(file.path), 1)
    await later(scene.app)
    const { read } = scene.app.core.database
    const pins = await read
      .selectFrom('upstream_pins')
      .select('root_id')
      .where('name', '=', 'shared')
      .execute()
    assert.deepEqual(
      pins.map(({ root_id }) => root_id).toSorted((a, b) => a - b),
      groups.map(({ id }) => id).toSorted((a, b) => a - b),
    )
  })
})
