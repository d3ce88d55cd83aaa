import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

const day = 86_400_000

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

/** Publishes one small file; its address. */
async function publish(actor: Actor, project: string, version = '1.0'): Promise<string> {
  const address = `/api/v4/projects/${encodeURIComponent(project)}/packages/generic/tool/${version}/tool.bin`
  const reply = await actor.put(address, `tool ${version}`)
  assert.equal(reply.status, 201, await reply.text())
  return address
}

test('a developer of the group makes a project; names become paths', async () => {
  const alice = await app.user('alice')
  const { id } = await app.group('acme', { visibility: 'internal' })
  const wish = { name: 'My First Library!', namespace_id: id, visibility: 'internal' }
  assert.equal((await ask(alice, 'POST /projects', wish)).status, 403)
  await app.member(alice, 'acme', 30)
  const made = await ask(alice, 'POST /projects', wish)
  assert.equal(made.body.path_with_namespace, 'acme/my-first-library')
  assert.deepEqual((await ask(alice, 'GET /projects/acme%2Fmy-first-library')).body, made.body)
  const again = await ask(alice, 'POST /projects', wish)
  assert.deepEqual(
    [again.status, again.body.message],
    [400, 'path acme/my-first-library has already been taken'],
  )
  const wider = { path: 'wide', namespace_id: id, visibility: 'public' }
  assert.equal((await ask(alice, 'POST /projects', wider)).status, 400)
  assert.deepEqual((await ask(alice, 'POST /projects', { namespace_id: id })).body, {
    error: 'name, path are missing, at least one parameter must be provided',
  })
  assert.deepEqual((await ask(alice, 'POST /projects', { name: 'x' })).body, {
    error: 'namespace_id is missing',
  })
})

test('maintainers change a project; switching the registry off hides its packages', async () => {
  await app.project('shop/lib', { visibility: 'public' })
  const [maintainer, developer] = [await app.user('maintainer'), await app.user('developer')]
  await app.member(maintainer, 'shop/lib', 40)
  await app.member(developer, 'shop/lib', 30)
  const file = await publish(developer, 'shop/lib')
  const off = { package_registry_access_level: 'disabled', name: 'Lib' }
  assert.equal((await ask(developer, 'PUT /projects/shop%2Flib', off)).status, 403)
  const changed = await ask(maintainer, 'PUT /projects/shop%2Flib', off)
  assert.deepEqual([changed.body.name, changed.body.packages_enabled], ['Lib', false])
  assert.equal((await developer.get(file)).status, 403)
  assert.equal((await ask(developer, 'GET /projects/shop%2Flib/packages')).status, 403)
  assert.equal((await ask(app.anonymous, 'GET /projects/shop%2Flib/packages')).status, 403)
  assert.equal((await ask(developer, 'GET /groups/shop/packages')).body.length, 0)
  await ask(maintainer, 'PUT /projects/shop%2Flib', {
    visibility: 'private',
    package_registry_access_level: 'public',
  })
  assert.equal((await app.anonymous.get(file)).status, 200)
  assert.equal((await ask(app.anonymous, 'GET /projects/shop%2Flib')).status, 200)
  await ask(maintainer, 'PUT /projects/shop%2Flib', { package_registry_access_level: 'enabled' })
  assert.equal((await app.anonymous.get(file)).status, 401)
  assert.equal((await ask(app.anonymous, 'GET /projects/shop%2Flib')).status, 404)
})

test('an empty project is deleted at once and its path given out again', async () => {
  const { id } = await app.project('free/empty')
  assert.equal((await ask(app.root, `DELETE /projects/${id}`)).status, 202)
  assert.equal((await ask(app.root, `GET /projects/${id}`)).status, 404)
  const group = await app.group('free')
  const again = await ask(app.root, 'POST /projects', { path: 'empty', namespace_id: group.id })
  assert.equal(again.status, 201)
  assert.equal((await ask(app.root, `POST /projects/${id}/restore`)).status, 409)
})

test('a project with packages is deleted on confirmation, gone for its people, missing for others', async () => {
  const { id } = await app.project('gone/lib')
  const [owner, maintainer, stranger] = await Promise.all(['olga', 'max', 'sam'].map((n) => app.user(n)))
  await app.member(owner!, 'gone/lib', 50)
  await app.member(maintainer!, 'gone/lib', 40)
  const file = await publish(maintainer!, 'gone/lib')
  assert.equal((await ask(maintainer!, `DELETE /projects/${id}?confirm=gone/lib`)).status, 403)
  assert.equal((await ask(owner!, `DELETE /projects/${id}`)).status, 400)
  assert.equal((await ask(owner!, `DELETE /projects/${id}?confirm=gone`)).status, 400)
  assert.equal((await owner!.get(file)).status, 200)
  assert.equal((await ask(owner!, `DELETE /projects/${id}?confirm=gone/lib`)).status, 202)

  const statuses = async (actor: Actor) => [
    (await actor.get(file)).status,
    (await ask(actor, `GET /projects/${id}`)).status,
    (await ask(actor, 'GET /projects/gone%2Flib/packages')).status,
  ]
  assert.deepEqual(await statuses(owner!), [410, 410, 410])
  assert.deepEqual(await statuses(stranger!), [404, 404, 404])
  assert.deepEqual(await statuses(app.anonymous), [401, 404, 404])
  assert.equal((await ask(owner!, 'GET /projects?search=gone')).body.length, 0)
  const group = await app.group('gone')
  const again = await ask(app.root, 'POST /projects', { path: 'lib', namespace_id: group.id })
  assert.match(again.body.message, /once held packages/)

  assert.equal((await ask(stranger!, `POST /projects/${id}/restore`)).status, 404)
  assert.equal((await ask(maintainer!, `POST /projects/${id}/restore`)).status, 403)
  assert.equal((await ask(owner!, 'POST /projects/gone%2Flib/restore')).body.id, id)
  assert.equal(await (await owner!.get(file)).text(), 'tool 1.0')
  assert.equal((await ask(owner!, `POST /projects/${id}/restore`)).status, 404)
})

test('a group goes with everything below it, and comes back with what went with it', async () => {
  const { id } = await app.group('town')
  await app.project('town/a/lib')
  await app.project('town/b/lib')
  await app.project('town/early')
  const file = await publish(app.root, 'town/a/lib')
  assert.equal((await ask(app.root, 'DELETE /projects/town%2Fearly')).status, 202)
  app.clock.advance(1000)
  assert.equal((await ask(app.root, `DELETE /groups/${id}`)).status, 400)
  assert.equal((await ask(app.root, `DELETE /groups/${id}?confirm=town`)).status, 202)
  for (const gone of ['groups/town', 'groups/town%2Fa', 'projects/town%2Fa%2Flib']) {
    assert.equal((await ask(app.root, `GET /${gone}`)).status, 410, gone)
  }
  assert.equal((await ask(app.root, 'GET /projects/town%2Fb%2Flib')).status, 404)
  assert.equal((await ask(app.root, 'POST /projects/town%2Fa%2Flib/restore')).status, 409)
  assert.equal((await ask(app.root, 'POST /groups/town%2Fa/restore')).status, 409)
  assert.equal((await ask(app.root, 'POST /groups/town/restore')).status, 201)
  assert.equal((await app.root.get(file)).status, 200)
  assert.equal((await ask(app.root, 'GET /projects/town%2Fb%2Flib')).status, 200)
  assert.equal((await ask(app.root, 'GET /projects/town%2Fearly')).status, 404)
})

test('after the days for restoring, a deleted project and its packages are gone for good', async () => {
  const { id } = await app.project('late/lib')
  await publish(app.root, 'late/lib')
  await ask(app.root, `DELETE /projects/${id}?confirm=late/lib`)
  const count = async () =>
    (await app.core.database.read.selectFrom('packages').select('id').where('project_id', '=', id).execute())
      .length
  app.clock.advance(6 * day)
  await app.app.worker.drain()
  assert.equal(await count(), 1)
  app.clock.advance(1.1 * day)
  assert.equal((await ask(app.root, `POST /projects/${id}/restore`)).status, 404)
  await app.app.worker.drain()
  assert.equal(await count(), 0)
  assert.equal((await ask(app.root, `GET /projects/${id}`)).status, 410)
})
