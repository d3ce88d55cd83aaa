import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import type { EventKind } from '../core/records/events.ts'
import { signedIn } from '../web/browser.testing.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  await app.project('acme/lib')
})
after(() => app.close())

async function publisher(name: string): Promise<Actor> {
  const actor = await app.user(name)
  await app.member(actor, 'acme/lib', 30)
  assert.equal((await actor.put(file(name), 'bytes')).status, 201)
  return actor
}
const file = (name: string) => `/api/v4/projects/acme%2Flib/packages/generic/${name}/1.0/f`
const session = async (actor: Actor) => {
  const browser = await signedIn(app, actor)
  return async () => (await browser.get('/tokens')).status === 200
}
const happened = async (kind: EventKind, id: number) => {
  const rows = await app.core.database.read
    .selectFrom('events')
    .select(['user_id', 'detail'])
    .where('kind', '=', kind)
    .execute()
  return rows.filter(({ user_id, detail }) => user_id === app.root.id && JSON.parse(detail!).user === id)
    .length
}

test('a user is changed by administrators alone', async () => {
  const bob = await app.user('bob')
  const changed = await ask(app.root, `PUT /users/${bob.id}`, { name: 'Bob B.', username: 'Robert' })
  assert.deepEqual(
    [changed.body.name, changed.body.username, changed.body.is_admin],
    ['Bob B.', 'Robert', false],
  )
  assert.equal((await ask(bob, 'GET /user')).body.username, 'Robert')
  assert.equal((await ask(app.root, `PUT /users/${bob.id}`, { username: 'robert' })).status, 200)
  assert.equal((await ask(app.root, `PUT /users/${bob.id}`, { username: 'ROOT' })).status, 409)
  assert.equal((await ask(app.root, `PUT /users/${bob.id}`, { username: '../x' })).status, 400)
  assert.equal((await ask(app.root, `PUT /users/${bob.id}`, { password: 'short' })).status, 400)
  assert.equal((await ask(app.root, 'PUT /users/9999', { name: 'x' })).status, 404)
  const isSignedIn = await session({ ...bob, username: 'Robert' })
  assert.ok(await isSignedIn())
  assert.equal((await ask(app.root, `PUT /users/${bob.id}`, { password: 'long enough, this' })).status, 200)
  assert.ok(!(await isSignedIn()))
  assert.equal(await happened('user.changed', bob.id), 2)
  for (const line of [
    `PUT /users/${bob.id}`,
    `POST /users/${bob.id}/block`,
    `POST /users/${bob.id}/unblock`,
    `POST /users/${bob.id}/password_link`,
    `DELETE /users/${bob.id}`,
  ]) {
    assert.equal((await ask(bob, line, {})).status, 403, line)
    assert.equal((await ask(app.anonymous, line, {})).status, 401, line)
  }
})

test('a blocked user is out at once; unblocking revives neither tokens nor sessions', async () => {
  const carol = await publisher('carol')
  const isSignedIn = await session(carol)
  const { password_link: link } = (await ask(app.root, `POST /users/${carol.id}/password_link`)).body
  assert.ok(await isSignedIn())
  assert.deepEqual((await ask(app.root, `POST /users/${carol.id}/block`)).body, true)
  assert.equal((await ask(carol, 'GET /user')).status, 401)
  assert.ok(!(await isSignedIn()))
  assert.equal((await fetch(link)).status, 404)
  assert.equal((await ask(app.root, `POST /users/${carol.id}/password_link`)).status, 403)
  assert.equal((await ask(app.root, `GET /users/${carol.id}`)).body.state, 'blocked')
  assert.equal((await app.root.get(file('carol'))).status, 200)

  assert.equal((await ask(app.root, `POST /users/${carol.id}/unblock`)).status, 201)
  assert.equal((await ask(carol, 'GET /user')).status, 401)
  assert.ok(!(await isSignedIn()))
  assert.equal((await (await app.withScopes(carol, 'api')).get(file('carol'))).status, 200)
  assert.deepEqual(
    [await happened('user.blocked', carol.id), await happened('user.unblocked', carol.id)],
    [1, 1],
  )
})

test('a deleted user is out at once; their packages stay', async () => {
  const dave = await publisher('dave')
  const isSignedIn = await session(dave)
  assert.ok(await isSignedIn())
  assert.equal((await ask(app.root, `DELETE /users/${dave.id}`)).status, 204)
  assert.equal((await ask(dave, 'GET /user')).status, 401)
  assert.ok(!(await isSignedIn()))
  assert.equal((await app.root.get(file('dave'))).status, 200)
  assert.equal((await ask(app.root, `GET /users/${dave.id}`)).status, 404)
  assert.equal((await ask(app.root, `DELETE /users/${dave.id}`)).status, 404)
  assert.equal(await happened('user.deleted', dave.id), 1)
})

test('the last active administrator stays', async () => {
  const lines = [`POST /users/${app.root.id}/block`, `DELETE /users/${app.root.id}`]
  for (const line of lines) assert.equal((await ask(app.root, line)).status, 403, line)
  assert.equal((await ask(app.root, `PUT /users/${app.root.id}`, { admin: false })).status, 403)
  const second = await app.user('second', { admin: true })
  assert.equal((await ask(app.root, `POST /users/${second.id}/block`)).status, 201)
  for (const line of lines) assert.equal((await ask(app.root, line)).status, 403, line)
  assert.equal((await ask(app.root, `POST /users/${second.id}/unblock`)).status, 201)
  assert.equal((await ask(app.root, `PUT /users/${second.id}`, { admin: false })).body.is_admin, false)
})

test('a user without a password gets a link, and again on request; an earlier one stops working', async () => {
  const made = (await ask(app.root, 'POST /users', { username: 'erin' })).body
  assert.equal((await fetch(made.password_link)).status, 200)
  const again = (await ask(app.root, `POST /users/${made.id}/password_link`)).body
  assert.equal((await fetch(again.password_link)).status, 200)
  assert.equal((await fetch(made.password_link)).status, 404)
  const withOne = await ask(app.root, 'POST /users', { username: 'fay', password: 'long enough, this' })
  assert.equal(withOne.body.password_link, undefined)
  assert.equal(await happened('user.link_made', made.id), 1)
})
