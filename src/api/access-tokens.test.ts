import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createActor, type Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

const day = 86_400_000
let app: TestApp
let owner: Actor
let maintainer: Actor
let developer: Actor
before(async () => {
  app = await createTestApp()
  await app.project('acme/lib')
  await app.project('acme/app')
  await app.project('other/lib')
  owner = await app.user('olga')
  maintainer = await app.user('mike')
  developer = await app.user('dora')
  await app.member(owner, 'acme', 50)
  await app.member(maintainer, 'acme', 40)
  await app.member(developer, 'acme', 30)
})
after(() => app.close())

const holding = (token: string) => createActor(app.url, { id: 0, username: 'holder', token })
const dayFromNow = (days: number) => new Date(app.clock.now() + days * day).toISOString().slice(0, 10)
const file = (project: string, name: string) =>
  `/api/v4/projects/${encodeURIComponent(project)}/packages/generic/${name}/1.0/f`
const lib = '/projects/acme%2Flib/access_tokens'
const group = '/groups/acme/access_tokens'

test('a project token acts with its role there, and as nobody elsewhere', async () => {
  const wish = { name: 'ci', scopes: ['api'], access_level: 30, expires_at: dayFromNow(10) }
  const made = await ask(maintainer, `POST ${lib}`, wish)
  const { token, ...rest } = made.body
  assert.match(token, /^epa_[0-9A-Za-z]{42}$/)
  assert.deepEqual([rest.access_level, rest.active, rest.expires_at], [30, true, wish.expires_at])
  assert.deepEqual((await ask(maintainer, `GET ${lib}/${rest.id}`)).body, rest)
  assert.deepEqual((await ask(maintainer, `GET ${lib}?search=CI&state=active`)).body, [rest])

  const robot = holding(token)
  assert.equal((await robot.put(file('acme/lib', 'a'), 'bytes')).status, 201)
  assert.equal((await robot.get(file('acme/lib', 'a'))).status, 200)
  assert.equal((await robot.get(file('acme/app', 'a'))).status, 404)
  assert.equal((await robot.get(file('other/lib', 'a'))).status, 404)
  assert.equal((await ask(robot, 'GET /projects/acme%2Flib/packages')).body.length, 1)
  assert.equal((await ask(robot, 'GET /projects/acme%2Fapp/packages')).status, 404)
  assert.equal((await ask(robot, `GET ${lib}`)).status, 403)
  const asProject = await app.anonymous.get(file('acme/lib', 'a'), { authorization: `Bearer ${token}` })
  assert.equal(asProject.status, 200)
  const wrong = await app.anonymous.get(file('acme/lib', 'a'), { 'deploy-token': token })
  assert.equal(wrong.status, 401)
  assert.match(await wrong.text(), /PRIVATE-TOKEN/)

  assert.equal((await ask(maintainer, `DELETE ${lib}/${rest.id}`)).status, 204)
  assert.equal((await robot.get(file('acme/lib', 'a'))).status, 401)
  assert.deepEqual((await ask(maintainer, `GET ${lib}?state=active`)).body, [])
})

test('a group token holds for all projects below', async () => {
  const made = await ask(owner, `POST ${group}`, { name: 'all', scopes: ['write_package_registry'] })
  assert.equal(made.body.access_level, 40)
  assert.equal(made.body.expires_at, dayFromNow(365))
  const robot = holding(made.body.token)
  for (const project of ['acme/lib', 'acme/app']) {
    assert.equal((await robot.put(file(project, 'b'), 'bytes')).status, 201)
  }
  assert.equal((await robot.put(file('other/lib', 'b'), 'bytes')).status, 404)
  assert.equal((await ask(robot, 'GET /projects/acme%2Flib/packages')).status, 403)
  assert.equal((await ask(owner, `GET /projects/acme%2Flib/access_tokens/${made.body.id}`)).status, 404)
})

test('who may make them: maintainers of projects, owners of groups, none above their own role', async () => {
  const wish = { name: 'x', scopes: ['api'] }
  assert.equal((await ask(developer, `POST ${lib}`, wish)).status, 403)
  assert.equal((await ask(developer, `GET ${lib}`)).status, 403)
  assert.equal((await ask(maintainer, `POST ${group}`, wish)).status, 403)
  assert.equal((await ask(maintainer, `GET ${group}`)).status, 403)
  assert.equal((await ask(maintainer, `POST ${lib}`, { ...wish, access_level: 50 })).status, 403)
  const above = await ask(owner, `POST ${lib}`, { ...wish, access_level: 50 })
  assert.equal(above.status, 201)
  assert.equal((await ask(maintainer, `POST ${lib}/${above.body.id}/rotate`)).status, 403)
  const stranger = await app.user('stranger')
  assert.equal((await ask(stranger, `POST ${lib}`, wish)).status, 404)
  assert.equal((await ask(app.anonymous, `GET ${lib}`)).status, 401)
  const reader = await app.withScopes(maintainer, 'read_api')
  assert.equal((await ask(reader, `GET ${lib}`)).status, 200)
  assert.equal((await ask(reader, `POST ${lib}`, wish)).status, 403)
  for (const wrong of [
    { ...wish, scopes: [] },
    { ...wish, scopes: ['sudo'] },
    { ...wish, access_level: 35 },
    { ...wish, expires_at: dayFromNow(500) },
    { ...wish, expires_at: dayFromNow(-1) },
  ]) {
    assert.equal((await ask(owner, `POST ${lib}`, wrong)).status, 400)
  }
})

test('a token makes no token: a leaked one would outlive itself', async () => {
  const made = await ask(maintainer, `POST ${lib}`, { name: 'robot', scopes: ['api'] })
  const robot = holding(made.body.token)
  const wish = { name: 'child', scopes: ['api'] }
  assert.equal((await ask(robot, `GET ${lib}`)).status, 200)
  assert.equal((await ask(robot, `POST ${lib}`, wish)).status, 403)
  assert.equal((await ask(robot, `POST ${lib}/${made.body.id}/rotate`)).status, 403)
})

test('rotating keeps name, scopes and role, and ends the old one at once', async () => {
  const wish = { name: 'turning', scopes: ['read_api'], access_level: 20, expires_at: dayFromNow(30) }
  const first = (await ask(maintainer, `POST ${lib}`, wish)).body
  const second = (await ask(maintainer, `POST ${lib}/${first.id}/rotate`)).body
  assert.notEqual(second.token, first.token)
  assert.deepEqual(
    [second.name, second.scopes, second.access_level, second.expires_at],
    [wish.name, wish.scopes, wish.access_level, wish.expires_at],
  )
  assert.equal((await ask(holding(first.token), 'GET /projects/acme%2Flib')).status, 401)
  assert.equal((await ask(holding(second.token), 'GET /projects/acme%2Flib')).status, 200)
  assert.equal((await ask(maintainer, `POST ${lib}/${first.id}/rotate`)).status, 400)
  const expires_at = dayFromNow(3)
  const third = (await ask(maintainer, `POST ${lib}/${second.id}/rotate`, { expires_at })).body
  assert.equal(third.expires_at, expires_at)
  const events = await app.core.database.read
    .selectFrom('events')
    .select(['kind', 'user_id', 'detail'])
    .where('kind', '=', 'token.rotated')
    .execute()
  assert.deepEqual(
    events.map(({ user_id, detail }) => [user_id, JSON.parse(detail!).token, JSON.parse(detail!).successor]),
    [
      [maintainer.id, first.id, second.id],
      [maintainer.id, second.id, third.id],
    ],
  )
})

test('of two who rotate at once one succeeds', async () => {
  const first = (await ask(maintainer, `POST ${lib}`, { name: 'raced', scopes: ['api'] })).body
  const raced = await Promise.all(
    Array.from({ length: 5 }, () => ask(maintainer, `POST ${lib}/${first.id}/rotate`)),
  )
  assert.deepEqual(
    raced.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 400, 400, 400, 400],
  )
  assert.equal((await ask(maintainer, `GET ${lib}?search=raced&state=active`)).body.length, 1)
})
