import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { sampleBody } from '../formats/npm/samples.ts'

let app: TestApp
let developer: Actor
let maintainer: Actor
let owner: Actor
const rules = '/projects/team%2Flib/packages/protection/rules'
const files = '/api/v4/projects/team%2Flib/packages/generic'

before(async () => {
  app = await createTestApp()
  await app.project('team/lib')
  developer = await app.user('dan')
  maintainer = await app.user('mia')
  owner = await app.user('olga')
  await app.member(developer, 'team', 30)
  await app.member(maintainer, 'team', 40)
  await app.member(owner, 'team', 50)
})
after(() => app.close())

test('a maintainer makes, reads, changes and drops rules', async () => {
  const wish = {
    package_name_pattern: 'x-*',
    package_type: 'generic',
    minimum_access_level_for_push: 'maintainer',
  }
  const made = await ask(maintainer, `POST ${rules}`, wish)
  assert.deepEqual(
    [made.status, made.body],
    [
      201,
      {
        id: made.body.id,
        project_id: made.body.project_id,
        ...wish,
        minimum_access_level_for_delete: null,
        only_by: null,
      },
    ],
  )
  assert.deepEqual((await ask(maintainer, `GET ${rules}`)).body, [made.body])
  const reading = await app.withScopes(maintainer, 'read_api')
  assert.equal((await ask(reading, `GET ${rules}`)).status, 200)
  assert.equal((await ask(reading, `POST ${rules}`, wish)).status, 403)
  const one = `${rules}/${made.body.id}`
  const change = { minimum_access_level_for_push: '', minimum_access_level_for_delete: 'admin' }
  const changed = await ask(maintainer, `PATCH ${one}`, change)
  assert.deepEqual(
    [changed.body.minimum_access_level_for_push, changed.body.minimum_access_level_for_delete],
    [null, 'admin'],
  )
  const empty = await ask(maintainer, `PATCH ${one}`, { minimum_access_level_for_delete: null })
  assert.equal(empty.status, 422)
  assert.equal((await ask(maintainer, `DELETE ${one}`)).status, 204)
  assert.equal((await ask(maintainer, `DELETE ${one}`)).status, 404)
  const events = await app.core.database.read
    .selectFrom('events')
    .select('kind')
    .where('kind', 'like', 'protection.%')
    .orderBy('id')
    .execute()
  assert.deepEqual(
    events.map((event) => event.kind),
    ['protection.created', 'protection.changed', 'protection.deleted'],
  )
})

test('what is wrong with a rule is said', async () => {
  const right = { package_name_pattern: 'y', package_type: 'npm', minimum_access_level_for_push: 'admin' }
  assert.equal((await ask(maintainer, `POST ${rules}`, right)).status, 201)
  const refusals = [
    [right, 422, { message: 'Package name pattern has already been taken' }],
    [{ ...right, package_type: 'nothing' }, 400, { error: 'package_type does not have a valid value' }],
    [{ ...right, minimum_access_level_for_delete: 'maintainer' }, 400, undefined],
    [{ ...right, package_name_pattern: 'x'.repeat(256) }, 400, undefined],
    [{ package_name_pattern: 'z', package_type: 'npm' }, 422, undefined],
  ] as const
  for (const [body, status, words] of refusals) {
    const answer = await ask(maintainer, `POST ${rules}`, body)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
    if (words) assert.deepEqual(answer.body, words)
  }
  assert.equal((await ask(maintainer, `PATCH ${rules}/9999`, {})).status, 404)
  assert.equal((await ask(developer, `POST ${rules}`, right)).status, 403)
  assert.equal((await ask(developer, `GET ${rules}`)).status, 403)
  assert.equal((await ask(await app.user('sam'), `GET ${rules}`)).status, 404)
})

test('a protected name is refused to clients in their own words, at once and until the rule goes', async () => {
  const publish = (actor: Actor, version: string) =>
    actor.put(
      '/api/v4/projects/team%2Flib/packages/npm/safe',
      JSON.stringify(sampleBody({ name: 'safe', version, content: 'x' })),
    )
  assert.equal((await publish(developer, '1.0.0')).status, 201)
  const { body: rule } = await ask(maintainer, `POST ${rules}`, {
    package_name_pattern: 'sa*',
    package_type: 'npm',
    minimum_access_level_for_push: 'maintainer',
  })
  const refused = await publish(developer, '1.1.0')
  assert.equal(refused.status, 403)
  assert.deepEqual(await refused.json(), { message: 'Package protected.', error: 'Package protected.' })
  assert.equal((await publish(maintainer, '1.1.0')).status, 201)
  const tag = await developer.put(
    '/api/v4/projects/team%2Flib/packages/npm/-/package/safe/dist-tags/next',
    JSON.stringify('1.0.0'),
  )
  assert.equal(tag.status, 403)
  await ask(maintainer, `DELETE ${rules}/${rule.id}`)
  assert.equal((await publish(developer, '1.2.0')).status, 201)
})

test('a rule keeps packages from being removed in every way', async () => {
  assert.equal((await developer.put(`${files}/kept/1.0/f`, 'bytes')).status, 201)
  await ask(owner, `POST ${rules}`, {
    package_name_pattern: 'kept',
    package_type: 'generic',
    minimum_access_level_for_delete: 'owner',
  })
  const list = await ask(maintainer, 'GET /projects/team%2Flib/packages?package_name=kept')
  const path = `/projects/team%2Flib/packages/${list.body[0].id}`
  const { body: found } = await ask(maintainer, `GET ${path}/package_files`)
  const words = { message: 'Package is deletion protected.' }
  for (const way of [path, `${path}?purge=true`, `${path}/package_files/${found[0].id}`]) {
    const refused = await ask(maintainer, `DELETE ${way}`)
    assert.deepEqual([refused.status, refused.body], [403, words], way)
  }
  assert.equal((await ask(developer, `DELETE ${path}`)).body.message, words.message)
  assert.equal((await maintainer.get(`${files}/kept/1.0/f`)).status, 200)
  assert.equal((await ask(owner, `DELETE ${path}`)).status, 204)
})
