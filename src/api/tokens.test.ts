import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createActor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

const day = 86_400_000

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const holding = (token: string) => createActor(app.url, { id: 0, username: 'holder', token })
const dayFromNow = (days: number) => new Date(app.clock.now() + days * day).toISOString().slice(0, 10)

test('one makes, sees and revokes tokens of one’s own; the text is shown once', async () => {
  const alice = await app.user('alice')
  const wish = { name: 'ci', scopes: ['read_api'], expires_at: dayFromNow(10) }
  const made = await ask(alice, 'POST /user/personal_access_tokens', wish)
  assert.match(made.body.token, /^ept_/)
  assert.deepEqual(
    [made.body.scopes, made.body.active, made.body.expires_at, made.body.user_id],
    [['read_api'], true, wish.expires_at, alice.id],
  )
  const { token, ...rest } = made.body
  assert.deepEqual((await ask(alice, `GET /personal_access_tokens/${rest.id}`)).body, rest)
  assert.deepEqual((await ask(holding(token), 'GET /personal_access_tokens/self')).body, rest)
  assert.equal((await ask(holding(token), 'GET /user')).body.username, 'alice')
  const list = await ask(alice, 'GET /personal_access_tokens?search=CI')
  assert.deepEqual(list.body, [rest])
  assert.equal((await ask(alice, `DELETE /personal_access_tokens/${rest.id}`)).status, 204)
  assert.equal((await ask(holding(token), 'GET /user')).status, 401)
  const revoked = await ask(alice, 'GET /personal_access_tokens?state=inactive')
  assert.deepEqual(
    revoked.body.map((one: any) => [one.id, one.revoked, one.active]),
    [[rest.id, true, false]],
  )
})

test('a token expires on its day', async () => {
  const bob = await app.user('bob')
  const wish = { name: 'short', scopes: ['api'], expires_at: dayFromNow(2) }
  const made = await ask(bob, 'POST /user/personal_access_tokens', wish)
  assert.equal((await ask(holding(made.body.token), 'GET /user')).status, 200)
  app.clock.advance(3 * day)
  assert.equal((await ask(holding(made.body.token), 'GET /user')).status, 401)
  const longest = await ask(bob, 'POST /user/personal_access_tokens', { name: 'long', scopes: ['api'] })
  assert.equal(longest.body.expires_at, dayFromNow(365))
})

test('what is wrong with a token is said', async () => {
  const make = (body: object) => ask(app.root, 'POST /user/personal_access_tokens', body)
  assert.deepEqual((await make({ scopes: ['api'] })).body, { error: 'name is missing' })
  assert.deepEqual((await make({ name: 'x' })).body, { error: 'scopes is missing' })
  assert.equal((await make({ name: 'x', scopes: [] })).status, 400)
  assert.equal((await make({ name: 'x', scopes: ['sudo'] })).status, 400)
  assert.equal((await make({ name: 'x', scopes: ['api'], expires_at: '2020-01-01' })).status, 400)
  assert.equal((await make({ name: 'x', scopes: ['api'], expires_at: dayFromNow(500) })).status, 400)
})

test('others’ tokens are an administrator’s matter', async () => {
  const carol = await app.user('carol')
  const theirs = `/users/${carol.id}/personal_access_tokens`
  const wish = { name: 'given', scopes: ['write_package_registry'] }
  const given = await ask(app.root, `POST ${theirs}`, wish)
  assert.equal(given.body.user_id, carol.id)
  assert.equal((await ask(carol, `POST ${theirs}`, wish)).status, 403)
  assert.equal((await ask(app.root, 'POST /users/9999/personal_access_tokens', wish)).status, 404)
  const dave = await app.user('dave')
  assert.equal((await ask(dave, `GET /personal_access_tokens/${given.body.id}`)).status, 404)
  assert.equal((await ask(dave, `DELETE /personal_access_tokens/${given.body.id}`)).status, 404)
  assert.equal((await ask(dave, `GET /personal_access_tokens?user_id=${carol.id}`)).status, 403)
  const mine = await ask(dave, 'GET /personal_access_tokens')
  assert.ok(mine.body.every((one: any) => one.user_id === dave.id))
  const all = await ask(app.root, `GET /personal_access_tokens?user_id=${carol.id}`)
  assert.equal(all.body.length, 2)
  const puller = holding(given.body.token)
  assert.equal((await ask(puller, 'GET /personal_access_tokens/self')).body.id, given.body.id)
  assert.equal((await ask(puller, 'DELETE /personal_access_tokens/self')).status, 204)
  assert.equal((await ask(puller, 'GET /personal_access_tokens/self')).status, 401)
})

test('administrators add users; a link lets them choose a password', async () => {
  const wish = { username: 'erin', name: 'Erin', reset_password: true }
  const made = await ask(app.root, 'POST /users', wish)
  assert.deepEqual([made.body.username, made.body.is_admin], ['erin', false])
  assert.match(made.body.password_link, /\/password\?key=/)
  const again = await ask(app.root, 'POST /users', { username: 'Erin' })
  assert.equal(again.status, 409)
  assert.equal((await ask(app.root, 'POST /users', { username: 'x', password: 'short' })).status, 400)
  assert.equal((await ask(app.root, 'POST /users', { username: '../x' })).status, 400)
  const erin = await app.user('erin')
  assert.equal((await ask(erin, 'POST /users', { username: 'y' })).status, 403)
  assert.deepEqual(
    [
      (await ask(erin, 'GET /user')).body.can_create_group,
      (await ask(erin, `GET /users/${erin.id}`)).body.is_admin,
    ],
    [false, undefined],
  )
  const found = await ask(erin, 'GET /users?username=ERIN')
  assert.deepEqual(
    found.body.map((one: any) => one.id),
    [erin.id],
  )
  assert.equal((await ask(erin, 'GET /users/99999')).status, 404)
})
