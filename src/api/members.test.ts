import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

const day = 86_400_000

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

test('an owner gives, changes and takes a role on a group; it holds at once', async () => {
  await app.project('team/lib')
  const [owner, alice] = [await app.user('owner'), await app.user('alice')]
  await app.member(owner, 'team', 50)
  assert.equal((await ask(alice, 'GET /projects/team%2Flib')).status, 404)
  const added = await ask(owner, 'POST /groups/team/members', { user_id: alice.id, access_level: 10 })
  assert.deepEqual(
    [added.status, added.body.username, added.body.access_level, added.body.expires_at],
    [201, 'alice', 10, null],
  )
  assert.equal((await ask(alice, 'GET /projects/team%2Flib')).status, 200)
  assert.equal((await ask(alice, 'GET /projects/team%2Flib/packages')).status, 403)
  const raised = await ask(owner, `PUT /groups/team/members/${alice.id}`, { access_level: 20 })
  assert.equal(raised.body.access_level, 20)
  assert.equal((await ask(alice, 'GET /projects/team%2Flib/packages')).status, 200)
  assert.deepEqual((await ask(alice, `GET /groups/team/members/${alice.id}`)).body, raised.body)
  const found = await ask(owner, 'GET /groups/team/members?query=ALI')
  assert.deepEqual(
    found.body.map((one: any) => one.username),
    ['alice'],
  )
  const again = await ask(owner, 'POST /groups/team/members', { username: 'alice', access_level: 30 })
  assert.deepEqual([again.status, again.body], [409, { message: 'Member already exists' }])
  assert.equal((await ask(owner, `DELETE /groups/team/members/${alice.id}`)).status, 204)
  assert.equal((await ask(owner, `DELETE /groups/team/members/${alice.id}`)).status, 404)
  assert.equal((await ask(alice, 'GET /projects/team%2Flib')).status, 404)
})

test('nobody gives or takes a role above their own', async () => {
  await app.project('ranks/lib')
  const [owner, maintainer, developer, other] = await Promise.all(
    ['r-owner', 'r-maintainer', 'r-developer', 'r-other'].map((name) => app.user(name)),
  )
  await app.member(owner!, 'ranks/lib', 50)
  await app.member(maintainer!, 'ranks/lib', 40)
  await app.member(developer!, 'ranks/lib', 30)
  const members = '/projects/ranks%2Flib/members'
  const give = (actor: typeof owner, level: number) =>
    ask(actor!, `POST ${members}`, { user_id: other!.id, access_level: level })
  assert.equal((await give(developer, 10)).status, 403)
  assert.equal((await give(maintainer, 50)).status, 403)
  assert.equal((await give(maintainer, 40)).status, 201)
  const self = { access_level: 50 }
  assert.equal((await ask(maintainer!, `PUT ${members}/${maintainer!.id}`, self)).status, 403)
  assert.equal((await ask(maintainer!, `PUT ${members}/${owner!.id}`, { access_level: 10 })).status, 403)
  assert.equal((await ask(maintainer!, `DELETE ${members}/${owner!.id}`)).status, 403)
  assert.equal((await ask(developer!, `DELETE ${members}/${other!.id}`)).status, 403)
  assert.equal((await ask(developer!, `DELETE ${members}/${developer!.id}`)).status, 204, 'one may leave')
})

test('a top-level group keeps an owner', async () => {
  const [first, second] = [await app.user('first'), await app.user('second')]
  await app.group('kept')
  await app.member(first, 'kept', 50)
  const own = `/groups/kept/members/${first.id}`
  assert.equal((await ask(first, `DELETE ${own}`)).status, 403)
  assert.equal((await ask(app.root, `PUT ${own}`, { access_level: 40 })).status, 403)
  await app.member(second, 'kept', 50)
  assert.equal((await ask(first, `DELETE ${own}`)).status, 204)
})

test('a role ends on its day', async () => {
  const bob = await app.user('bob')
  await app.project('timed/lib')
  const expires = new Date(app.clock.now() + 3 * day).toISOString().slice(0, 10)
  const wish = { user_id: bob.id, access_level: 30, expires_at: expires }
  assert.equal((await ask(app.root, 'POST /groups/timed/members', wish)).body.expires_at, expires)
  assert.equal((await ask(bob, 'GET /projects/timed%2Flib')).status, 200)
  app.clock.advance(4 * day)
  assert.equal((await ask(bob, 'GET /projects/timed%2Flib')).status, 404)
})

test('what is wrong with a role is said', async () => {
  await app.group('words')
  const refusals = [
    [
      { access_level: 30 },
      400,
      { error: 'user_id, username are missing, exactly one parameter must be provided' },
    ],
    [{ user_id: 1 }, 400, { error: 'access_level is missing' }],
    [{ user_id: 1, access_level: 35 }, 400, { error: 'access_level is invalid: 10, 20, 30, 40 or 50' }],
    [{ user_id: 99_999, access_level: 30 }, 404, { message: '404 User Not Found' }],
    [{ username: 'nobody', access_level: 30 }, 404, { message: '404 User Not Found' }],
    [{ user_id: 1, access_level: 30, expires_at: 'soon' }, 400, { error: 'expires_at is invalid' }],
  ] as const
  for (const [body, expected, words] of refusals) {
    const answer = await ask(app.root, 'POST /groups/words/members', body)
    assert.deepEqual([answer.status, answer.body], [expected, words])
  }
})
