/** What a file from upstream was at first it stays: other bytes under its name are never handed out, until an owner says so. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import { readExactly } from './exact-reader.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { filledGroup, later, onlyLoopback } from './filled-registry.ts'
import { npmUpstream } from './npm-packages.ts'

const day = 86_400_000
let app: TestApp
let made = 0
const opened: FaultyUpstream[] = []
before(async () => {
  app = await createTestApp({ env: onlyLoopback })
})
after(async () => {
  for (const upstream of opened) await upstream.close()
  await app?.close()
})

async function place(ballast: number) {
  const upstream = await startFaultyUpstream()
  opened.push(upstream)
  const registry = npmUpstream(upstream)
  const first = registry.publish({ name: 'far', version: '1.0.0', ballast })
  const wish = { url: upstream.url, ttl: 60, keep_days_unused: 1 }
  const { group, registry: address } = await filledGroup(app, `place-${++made}`, wish)
  const get = (path: string) => readExactly(address + path, { headers: { 'private-token': app.root.token } })
  return { upstream, registry, first, group, get }
}

/** The alarm is in the log, so many times, and nothing else. */
function expectAlarms(count: number): void {
  const words = app.errors.splice(0).map((line) => (JSON.parse(line) as { msg: string }).msg)
  assert.deepEqual(
    words,
    Array.from({ length: count }, () => 'an upstream offers other bytes than were first seen'),
  )
}

/** Lets kept files go that nobody used for a day. */
async function trim(): Promise<void> {
  await later(app, 3 * day)
  await app.app.worker.drain()
}

for (const ballast of [1000, 300_000]) {
  describe(`a file of ${ballast} bytes that the upstream replaced`, () => {
    it('stays here as it was, while it is kept', async () => {
      const { registry, first, get } = await place(ballast)
      assert.deepEqual((await get(first.path)).body, first.tarball)
      registry.replace({ name: 'far', version: '1.0.0', ballast })
      await later(app, 61_000)
      await get('/far')
      assert.deepEqual((await get(first.path)).body, first.tarball)
      await later(app, 2 * 60 * 60_000)
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
      const alarms = await app.root.json('GET', `${pins}?refused=true`)
      assert.deepEqual(
        alarms.map(({ name, version }: { name: string; version: string }) => [name, version]),
        [['far', '1.0.0']],
      )
      const reporter = await app.user('reporter')
      await app.member(reporter, group.full_path, 20)
      const repin = `${pins}/${alarms[0].id}/repin`
      assert.equal((await reporter.post(repin)).status, 403)
      const owner = await app.user('owner')
      await app.member(owner, group.full_path, 50)
      assert.equal((await owner.post(repin)).status, 200)
      await later(app, 61_000)
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
    await later(app)
    const other = await startFaultyUpstream()
    opened.push(other)
    const changed = npmUpstream(other).publish({ name: 'far', version: '1.0.0', ballast: 1000 })
    const { registry } = await filledGroup(app, `${group.full_path}/below`, { url: other.url, ttl: 60 })
    const reply = await readExactly(registry + first.path, { headers: { 'private-token': app.root.token } })
    assert.ok(!reply.body.equals(changed.tarball))
    assert.ok(reply.status >= 400 || reply.end === 'broken')
    assert.equal(upstream.asked(first.path), 1)
    expectAlarms(1)
  })
})
