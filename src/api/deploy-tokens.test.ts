import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createActor, type Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

const day = 86_400_000
let app: TestApp
let owner: Actor
let maintainer: Actor
before(async () => {
  app = await createTestApp()
  await app.project('acme/lib')
  await app.project('acme/app')
  owner = await app.user('olga')
  maintainer = await app.user('mike')
  await app.member(owner, 'acme', 50)
  await app.member(maintainer, 'acme/lib', 40)
})
after(() => app.close())

const file = (project: string, name: string) =>
  `/api/v4/projects/${encodeURIComponent(project)}/packages/generic/${name}/1.0/f`
const lib = '/projects/acme%2Flib/deploy_tokens'
const group = '/groups/acme/deploy_tokens'
const header = (token: string) => ({ 'deploy-token': token })
const basic = (user: string, token: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
})
const reading = { name: 'servers', scopes: ['read_package_registry'] }
const writing = { name: 'ci', scopes: ['read_package_registry', 'write_package_registry'] }

test('a deploy token pulls or pushes by its scopes, and deletes nothing', async () => {
  const push = (await ask(maintainer, `POST ${lib}`, writing)).body
  const pull = (await ask(maintainer, `POST ${lib}`, reading)).body
  assert.match(push.token, /^epd_[0-9A-Za-z]{42}$/)
  assert.equal(push.username, `entrepot+deploy-token-${push.id}`)
  const at = file('acme/lib', 'a')
  assert.equal((await app.anonymous.put(at, 'bytes', header(pull.token))).status, 403)
  assert.equal((await app.anonymous.put(at, 'bytes', header(push.token))).status, 201)
  for (const { token } of [push, pull]) {
    assert.equal((await app.anonymous.get(at, header(token))).status, 200)
    assert.equal((await app.anonymous.delete(at, header(token))).status, 403)
    assert.equal((await app.anonymous.get(file('acme/app', 'a'), header(token))).status, 404)
  }
})

test('each carrier: the header, Bearer, and Basic with its own user name only', async () => {
  const made = (await ask(maintainer, `POST ${lib}`, { ...reading, username: 'server-7' })).body
  const { token, username } = made
  assert.equal(username, 'server-7')
  await owner.put(file('acme/lib', 'carried'), 'bytes')
  const status = async (headers: Record<string, string>) =>
    (await app.anonymous.get(file('acme/lib', 'carried'), headers)).status
  assert.equal(await status(header(token)), 200)
  assert.equal(await status({ authorization: `Bearer ${token}` }), 200)
  assert.equal(await status(basic('server-7', token)), 200)
  for (const user of ['', 'anyone', 'SERVER-7', 'gitlab-ci-token', token]) {
    assert.equal(await status(basic(user, token)), 401, user)
  }
  assert.equal(await status(basic(token, '')), 401)
  assert.equal(await status({ 'private-token': token }), 401)
  assert.equal(await status({ 'job-token': token }), 401)
  assert.equal(await status(header(maintainer.token)), 401)
  assert.equal(await status(header('')), 401, 'empty: as without a credential')
  assert.equal(await status({ ...header(''), 'private-token': maintainer.token }), 200)
})

test('deploy tokens do not work on REST', async () => {
  const { token } = (await ask(owner, `POST ${lib}`, writing)).body
  const robot = createActor(app.url, undefined)
  for (const line of [
    'GET /projects/acme%2Flib',
    'GET /projects/acme%2Flib/packages',
    `GET ${lib}`,
    'GET /user',
  ]) {
    const { status, body } = await ask(robot, line, undefined, header(token))
    assert.deepEqual([status, body.error], [403, 'insufficient_scope'], line)
  }
})

test('a group’s deploy token holds for all projects below', async () => {
  assert.equal((await ask(maintainer, `POST ${group}`, reading)).status, 404)
  const made = (await ask(owner, `POST ${group}`, writing)).body
  for (const project of ['acme/lib', 'acme/app']) {
    assert.equal((await app.anonymous.put(file(project, 'g'), 'bytes', header(made.token))).status, 201)
  }
  assert.deepEqual(
    (await ask(owner, `GET ${group}?active=true`)).body.map((one: any) => one.id),
    [made.id],
  )
})

test('they are listed, rotated and revoked; the user name stays', async () => {
  const first = (await ask(maintainer, `POST ${lib}`, { ...reading, name: 'turning' })).body
  const second = (await ask(maintainer, `POST ${lib}/${first.id}/rotate`)).body
  assert.deepEqual([second.username, second.name], [first.username, first.name])
  await owner.put(file('acme/lib', 'r'), 'bytes')
  const at = file('acme/lib', 'r')
  assert.equal((await app.anonymous.get(at, basic(first.username, first.token))).status, 401)
  assert.equal((await app.anonymous.get(at, basic(first.username, second.token))).status, 200)
  const { token: _text, ...rest } = second
  assert.deepEqual((await ask(maintainer, `GET ${lib}/${second.id}`)).body, rest)
  assert.equal((await ask(maintainer, `DELETE ${lib}/${second.id}`)).status, 204)
  assert.equal((await app.anonymous.get(at, header(second.token))).status, 401)
  assert.equal((await ask(maintainer, `GET ${lib}/${second.id}`)).body.revoked, true)

  assert.equal((await ask(maintainer, 'GET /deploy_tokens')).status, 403)
  const all = await ask(app.root, 'GET /deploy_tokens?per_page=100')
  assert.ok(all.body.some((one: any) => one.id === first.id))
})

test('what is wrong with a wish is said', async () => {
  const expires_at = (days: number) => new Date(app.clock.now() + days * day).toISOString()
  for (const wrong of [
    { ...reading, scopes: ['api'] },
    { ...reading, scopes: [] },
    { ...reading, username: 'a:b' },
    { ...reading, username: 'gitlab-ci-token' },
    { ...reading, expires_at: expires_at(400) },
    { ...reading, expires_at: 'soon' },
  ]) {
    assert.equal((await ask(maintainer, `POST ${lib}`, wrong)).status, 400, JSON.stringify(wrong))
  }
  const short = (await ask(maintainer, `POST ${lib}`, { ...reading, expires_at: expires_at(1) })).body
  const at = file('acme/lib', 'a')
  assert.equal((await app.anonymous.get(at, header(short.token))).status, 200)
  app.clock.advance(2 * day)
  assert.equal((await app.anonymous.get(at, header(short.token))).status, 401)
  assert.equal((await ask(maintainer, `GET ${lib}/${short.id}`)).body.expired, true)
})
