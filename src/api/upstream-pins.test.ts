import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { letFill } from '../../test/filling-format.ts'

let app: TestApp
let owner: Actor
let maintainer: Actor
let rootId: number
before(async () => {
  app = await createTestApp()
  letFill(app, 'generic')
  await app.project('team/sub/lib')
  rootId = (await app.group('team')).id
  owner = await app.user('owner')
  maintainer = await app.user('maintainer')
  await app.member(owner, 'team', 50)
  await app.member(maintainer, 'team', 40)
  // The bytes of a package are what the kept files below name.
  const path = '/api/v4/projects/team%2Fsub%2Flib/packages/generic/own/1/file'
  assert.equal((await app.root.put(path, 'bytes')).status, 201)
})
after(() => app.close())

const [right, other] = [{ sha256: 'a'.repeat(64) }, { sha256: 'b'.repeat(64), sha1: 'c'.repeat(40) }]

/** A pin; `refused`: an upstream has offered other bytes. */
async function pin(root: number, name: string, refused: boolean): Promise<number> {
  const { database, clock } = app.core
  const row = await database.write((db) =>
    db
      .insertInto('upstream_pins')
      .values({
        root_id: root,
        format: 'generic',
        path: `${name}/1/file`,
        name,
        version: '1',
        digests: JSON.stringify(right),
        first_seen_at: clock(),
        refused_at: refused ? clock() : null,
        refused_digests: refused ? JSON.stringify(other) : null,
      })
      .returning('id')
      .executeTakeFirstOrThrow(),
  )
  return row.id
}

/** An upstream there that keeps the file of that name. */
async function keep(at: string, name: string): Promise<number> {
  const url = `https://${name}.example/${encodeURIComponent(at).replaceAll('%', '-')}`
  const { id } = (await ask(app.root, `POST ${at}`, { format: 'generic', url })).body
  const { database, clock } = app.core
  const now = clock()
  await database.write(async (db) => {
    const blob = await db.selectFrom('blobs').select('id').executeTakeFirstOrThrow()
    const file = { path: `${name}/1/file`, name, version: '1', blob_id: blob.id }
    await db
      .insertInto('upstream_files')
      .values({ ...file, upstream_id: id, kept_at: now, last_used_at: now })
      .execute()
  })
  return id
}
const keptBy = async (ids: readonly number[]) =>
  (
    await app.core.database.read
      .selectFrom('upstream_files')
      .select('upstream_id')
      .where('upstream_id', 'in', ids)
      .orderBy('upstream_id')
      .execute()
  ).map((row) => row.upstream_id)

test('pins are listed where they hold, alarms first', async () => {
  const quiet = await pin(rootId, 'quiet', false)
  const alarm = await pin(rootId, 'alarm', true)
  const quieter = await pin(rootId, 'quieter', false)
  const all = await pin(0, 'everywhere', true)
  const ids = async (query: string) =>
    (await ask(maintainer, `GET /groups/team/-/upstreams/pins${query}`)).body.map((one: any) => one.id)
  assert.deepEqual(await ids(''), [alarm, quieter, quiet])
  assert.deepEqual(await ids('?refused=true'), [alarm])
  assert.deepEqual(await ids('?refused=false&format=generic'), [quieter, quiet])
  assert.deepEqual(await ids('?format=npm'), [])
  const [shown] = (await ask(app.root, 'GET /upstreams/pins')).body
  const { first_seen_at, refused_at, ...told } = shown
  assert.deepEqual(told, {
    id: all,
    format: 'generic',
    name: 'everywhere',
    version: '1',
    path: 'everywhere/1/file',
    digests: right,
    refused_digests: other,
  })
  assert.equal(first_seen_at, refused_at)
  const below = await ask(maintainer, 'GET /groups/team%2Fsub/-/upstreams/pins')
  assert.deepEqual(
    [below.status, below.body.message],
    [400, 'pins are kept for top-level groups: ask for those of team'],
  )
  assert.equal((await ask(maintainer, 'GET /upstreams/pins')).status, 403)
})

test('an owner accepts what was refused: it is pinned, what was kept below is forgotten, and it is audited', async () => {
  const name = 'changed'
  const id = await pin(rootId, name, true)
  const own = [
    await keep('/groups/team/-/upstreams', name),
    await keep('/groups/team%2Fsub/-/upstreams', name),
    await keep('/projects/team%2Fsub%2Flib/-/upstreams', name),
  ]
  await app.project('apart/lib')
  const others = [
    await keep('/upstreams', name),
    await keep('/groups/apart/-/upstreams', name),
    await keep('/groups/team/-/upstreams', 'another'),
  ]
  const repin = `POST /groups/team/-/upstreams/pins/${id}/repin`
  assert.equal((await ask(maintainer, repin, {})).status, 403)
  assert.equal((await ask(app.root, `POST /upstreams/pins/${id}/repin`, {})).status, 404)
  assert.equal((await ask(app.root, `POST /groups/apart/-/upstreams/pins/${id}/repin`, {})).status, 404)
  assert.deepEqual(await keptBy([...own, ...others]), [...own, ...others])
  const { status, body } = await ask(owner, repin, {})
  assert.equal(status, 200)
  assert.deepEqual([body.digests, body.refused_at, body.refused_digests], [other, null, null])
  assert.deepEqual(await keptBy([...own, ...others]), others)
  const released = await app.core.database.read.selectFrom('released_blobs').select('id').execute()
  assert.ok(released.length >= own.length)
  const again = await ask(owner, repin, {})
  assert.deepEqual(
    [again.status, again.body.message],
    [409, 'no upstream has offered other bytes for this file'],
  )
  const [event] = (await ask(owner, 'GET /groups/team/audit_events?per_page=1')).body
  assert.deepEqual(
    [event.event_name, event.details.author_name, event.details.package_name, event.details.package_version],
    ['upstream.repinned', 'owner', name, '1'],
  )
  assert.deepEqual(event.details.data, {
    pin: id,
    path: 'changed/1/file',
    before: right,
    after: other,
    files_forgotten: 3,
  })
})

test("an administrator accepts it for the instance's registries", async () => {
  const id = await pin(0, 'shared', true)
  const kept = [await keep('/groups/apart/-/upstreams', 'shared'), await keep('/upstreams', 'shared')]
  assert.equal((await ask(owner, `POST /upstreams/pins/${id}/repin`, {})).status, 403)
  assert.deepEqual((await ask(app.root, `POST /upstreams/pins/${id}/repin`, {})).body.digests, other)
  assert.deepEqual(await keptBy(kept), [kept[0]])
})
