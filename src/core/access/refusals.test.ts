import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { ask } from '../../../test/ask.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  await app.project('secret/lib')
})
after(() => app.close())
beforeEach(async () => {
  await flush()
  await app.core.database.write((db) => db.deleteFrom('events').execute())
  app.clock.advance(60_000)
})

const flush = () => app.core.refusals.flush(app.core.database, true)
const noted = async (kind = 'access.refused') => {
  await flush()
  return (await ask(app.root, `GET /audit_events?kind=${kind}&sort=asc&per_page=100`)).body
}
const address = '/api/v4/projects/secret%2Flib/packages/generic/tool/1/file'

test('who tried what is on record, though the answer does not tell that there is anything', async () => {
  const mallory = await app.user('mallory')
  const guest = await app.user('guest')
  await app.member(guest, 'secret/lib', 10)
  assert.equal((await mallory.get(address)).status, 404)
  assert.equal((await guest.put(address, 'bytes')).status, 403)
  assert.equal((await ask(mallory, 'GET /projects/secret%2Flib')).status, 404)
  assert.equal((await ask(mallory, 'GET /projects/nowhere%2Flib')).status, 404)
  const puller = await app.withScopes(guest, 'read_package_registry')
  assert.equal((await ask(puller, 'GET /projects/secret%2Flib')).status, 403)
  const { id } = await app.project('secret/lib')
  const seen = (await noted()).map(({ entity_type, entity_id, details }: any) => [
    details.author_name,
    entity_type === 'Project' ? entity_id : entity_type,
    details.data.request,
    details.data.status,
    details.data.permission,
  ])
  assert.deepEqual(seen, [
    ['mallory', id, `GET ${address}`, 404, 'read_packages'],
    ['guest', id, `PUT ${address}`, 403, 'read_packages'],
    ['mallory', id, 'GET /api/v4/projects/secret%2Flib', 404, 'see'],
    ['guest', 'Instance', 'GET /api/v4/projects/secret%2Flib', 403, undefined],
  ])
  const owner = await app.user('owner')
  await app.member(owner, 'secret/lib', 40)
  const { body } = await ask(owner, 'GET /projects/secret%2Flib/audit_events?kind=access.refused')
  assert.equal(body.length, 3, 'maintainers read of attempts on their project')
})

test('of one caller sixty refusals a minute are on record', async () => {
  const loud = await app.user('loud')
  for (let count = 0; count < 70; count++) await loud.get(address)
  assert.equal((await noted()).length, 60)
  app.clock.advance(60_000)
  await loud.get(address)
  assert.equal((await noted()).length, 61)
})

test('strangers are counted by address and minute, written once the minute is over', async () => {
  for (let count = 0; count < 3; count++) assert.equal((await app.anonymous.get(address)).status, 401)
  const wrong = { 'private-token': 'nonsense' }
  assert.equal((await ask(app.anonymous, 'GET /user', undefined, wrong)).status, 401)
  await app.core.refusals.flush(app.core.database)
  assert.equal((await app.core.database.read.selectFrom('events').selectAll().execute()).length, 0)
  app.clock.advance(60_000)
  await app.core.refusals.flush(app.core.database)
  await app.anonymous.get(address)
  const events = await noted()
  assert.deepEqual(
    events.map(({ author_id, details }: any) => [author_id, details.ip_address, details.data.count]),
    [
      [-1, '127.0.0.1', 4],
      [-1, '127.0.0.1', 1],
    ],
  )
})

test('what is missing or wrong is no refusal', async () => {
  assert.equal((await ask(app.root, 'GET /projects/999999')).status, 404)
  assert.equal((await ask(app.root, 'POST /groups', {})).status, 400)
  assert.deepEqual(await noted(), [])
})
