import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { startReceiver } from '../core/webhooks/receiver.testing.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  await app.project('team/lib')
})
after(() => app.close())

const hooks = '/projects/team%2Flib/hooks'
const url = 'https://receiver.example.com/hook?a=b'

test('a maintainer makes, sees, changes and drops a webhook; its token is shown to nobody', async () => {
  const maintainer = await app.user('maintainer')
  await app.member(maintainer, 'team/lib', 40)
  const wish = { url, name: 'chat', token: 'top secret', member_events: true, push_events: true }
  const made = await ask(maintainer, `POST ${hooks}`, wish)
  assert.equal(made.status, 201)
  const { body } = made
  assert.deepEqual(
    [body.url, body.package_events, body.member_events, body.token_events, body.token_set, body.alert_status],
    [url, true, true, false, true, 'executable'],
  )
  const one = `${hooks}/${body.id}`
  assert.deepEqual((await ask(maintainer, `GET ${one}`)).body, body)
  assert.deepEqual((await ask(maintainer, `GET ${hooks}`)).body, [body])
  const changed = await ask(maintainer, `PUT ${one}`, { token: '', package_events: false, name: 'talk' })
  assert.deepEqual(changed.body, { ...body, name: 'talk', package_events: false, token_set: false })
  assert.equal((await ask(maintainer, `DELETE ${one}`)).status, 204)
  assert.equal((await ask(maintainer, `GET ${one}`)).status, 404)
  assert.equal((await ask(maintainer, `DELETE ${one}`)).status, 404)
  const events = (await ask(maintainer, 'GET /projects/team%2Flib/audit_events')).body
  assert.deepEqual(
    events.map((event: any) => [event.event_name, event.details.author_name, event.details.target_id]),
    ['webhook.deleted', 'webhook.changed', 'webhook.created'].map((kind) => [kind, 'maintainer', body.id]),
  )
  assert.ok(!JSON.stringify([made, changed, events]).includes('top secret'))
})

test('the token is sealed where it is kept', async () => {
  const { body } = await ask(app.root, `POST ${hooks}`, { url, token: 'top secret' })
  const row = await app.core.database.read
    .selectFrom('webhooks')
    .selectAll()
    .where('id', '=', body.id)
    .executeTakeFirstOrThrow()
  assert.match(row.secret!, /^s1\./)
  assert.ok(!JSON.stringify(row).includes('top secret'))
})

test('developers see none; a group is for its owners; a number leads to no other project', async () => {
  const [developer, owner, other] = [await app.user('dev'), await app.user('own'), await app.user('other')]
  await app.member(developer, 'team/lib', 30)
  await app.member(owner, 'team', 50)
  await app.project('apart/lib')
  await app.member(other, 'apart', 50)
  const { id } = (await ask(owner, `POST ${hooks}`, { url })).body
  assert.equal((await ask(developer, `GET ${hooks}`)).status, 403)
  assert.equal((await ask(developer, `POST ${hooks}`, { url })).status, 403)
  assert.equal((await ask(other, `GET ${hooks}/${id}`)).status, 404)
  for (const line of ['GET', 'PUT', 'DELETE']) {
    const body = line === 'PUT' ? {} : undefined
    assert.equal((await ask(other, `${line} /projects/apart%2Flib/hooks/${id}`, body)).status, 404)
    assert.equal((await ask(owner, `${line} /groups/team/hooks/${id}`, body)).status, 404)
  }
  assert.equal((await ask(other, `POST /projects/apart%2Flib/hooks/${id}/test`, {})).status, 404)
  assert.equal((await ask(await app.user('maintainer'), 'POST /groups/team/hooks', { url })).status, 404)
  const made = await ask(owner, 'POST /groups/team/hooks', { url, subgroup_events: true })
  assert.deepEqual([made.status, made.body.group_id === undefined], [201, false])
})

test('what cannot work is refused', async () => {
  const refused = [
    [{}, 'url is missing'],
    [{ url: 'ftp://example.com' }, /http or https/],
    [{ url: 'somewhere' }, /http or https/],
    [{ url: 'https://user:password@example.com' }, /token/],
    [{ url, package_events: false }, /must be true/],
    [{ url, enable_ssl_verification: false }, /always verified/],
    [{ url, name: 'a\u202eb' }, /name is invalid/],
    [{ url, token: 'x'.repeat(256) }, /token is too long/],
  ] as const
  for (const [body, words] of refused) {
    const { status, body: answer } = await ask(app.root, `POST ${hooks}`, body)
    assert.equal(status, 400, JSON.stringify(body))
    assert.match(answer.error ?? answer.message, words instanceof RegExp ? words : new RegExp(words))
  }
})

test('a test message is sent at once, and how it ended is the answer', async () => {
  const receiver = await startReceiver()
  try {
    const { id } = (await ask(app.root, `POST ${hooks}`, { url: receiver.url, token: 't' })).body
    const sent = await ask(app.root, `POST ${hooks}/${id}/test`, {})
    assert.deepEqual([sent.status, sent.body], [201, { message: '201 Created' }])
    const [{ body, headers }] = receiver.received as [(typeof receiver.received)[0]]
    assert.deepEqual(
      [body.kind, body.actor, headers['x-entrepot-event']],
      ['webhook.test', 'root', 'webhook.test'],
    )
    assert.match(String(headers['x-entrepot-signature']), /^t=\d+,v1=/)
    receiver.answer(404)
    const failed = await ask(app.root, `POST ${hooks}/${id}/test`, {})
    assert.deepEqual([failed.status, failed.body], [422, { message: 'the receiver answered 404' }])
  } finally {
    await receiver.close()
  }
})

test('addresses inside the network are not reached unless that is configured', async () => {
  const strict = await createTestApp({ env: { ENTREPOT_EGRESS__ALLOW: '' } })
  const receiver = await startReceiver()
  try {
    await strict.project('team/lib')
    const { id } = (await ask(strict.root, `POST ${hooks}`, { url: receiver.url })).body
    const failed = await ask(strict.root, `POST ${hooks}/${id}/test`, {})
    assert.equal(failed.status, 422)
    assert.deepEqual(receiver.received, [])
  } finally {
    await receiver.close()
    await strict.close()
  }
})
