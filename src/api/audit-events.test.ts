import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type Actor, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const kindsOf = (body: { event_name: string }[]) => body.map((event) => event.event_name)
const publish = async (actor: Actor, project: string, path: string) =>
  assert.equal((await actor.put(`/api/v4/projects/${project}/packages/generic/${path}`, 'bytes')).status, 201)

test('a publication is on record: who, what, from where, with which token, in which request', async () => {
  await app.project('acme/lib')
  const alice = await app.user('alice')
  await app.member(alice, 'acme/lib', 40)
  const reply = await alice.put('/api/v4/projects/acme%2Flib/packages/generic/tool/1.0/file', 'bytes')
  assert.equal(reply.status, 201)
  const { body } = await ask(alice, 'GET /projects/acme%2Flib/audit_events?kind=package.published')
  assert.equal(body.length, 1)
  const [event] = body
  const { id } = await app.project('acme/lib')
  assert.deepEqual(
    [event.author_id, event.entity_type, event.entity_id, event.event_name],
    [alice.id, 'Project', id, 'package.published'],
  )
  const { details } = event
  assert.deepEqual(
    [details.author_name, details.entity_path, details.package_name, details.package_version],
    ['alice', 'acme/lib', 'tool', '1.0'],
  )
  assert.deepEqual([details.target_type, details.target_details], ['Package', 'tool 1.0'])
  assert.equal(details.ip_address, '127.0.0.1')
  assert.equal(details.request_id, reply.headers.get('x-request-id'))
  const self = await ask(alice, 'GET /personal_access_tokens/self')
  assert.equal(details.token_id, self.body.id)
  assert.deepEqual(
    details.data.files.map((file: any) => file.path),
    ['tool/1.0/file'],
  )
  assert.deepEqual((await ask(alice, `GET /projects/acme%2Flib/audit_events/${event.id}`)).body, event)
})

test('owners of a group read what happened on it and below, and nothing else', async () => {
  const [owner, other] = [await app.user('owner'), await app.user('other')]
  await app.group('place')
  await app.member(owner, 'place', 50)
  const group = await ask(owner, 'POST /groups', {
    name: 'in',
    path: 'in',
    parent_id: await groupId('place'),
  })
  const project = { name: 'deep', namespace_id: group.body.id }
  assert.equal((await ask(owner, 'POST /projects', project)).status, 201)
  await ask(owner, 'POST /groups/place/members', { user_id: other.id, access_level: 40 })
  await app.project('elsewhere/lib')
  await publish(app.root, 'elsewhere%2Flib', 'hidden-name/1/f')

  const { body, headers } = await ask(owner, 'GET /groups/place/audit_events')
  assert.deepEqual(kindsOf(body), ['member.added', 'project.created', 'group.created'])
  assert.equal(headers.get('x-total'), '3')
  assert.deepEqual(
    body.map((event: any) => [event.entity_type, event.details.entity_path, event.details.target_id]),
    [
      ['Group', 'place', other.id],
      ['Project', 'place/in/deep', body[1].entity_id],
      ['Group', 'place/in', group.body.id],
    ],
  )
  const [hidden] = (await ask(app.root, 'GET /audit_events?name=hidden-name')).body
  assert.equal((await ask(owner, `GET /groups/place/audit_events/${hidden.id}`)).status, 404)
  assert.equal((await ask(other, 'GET /groups/place/audit_events')).status, 403, 'a maintainer is no owner')
  assert.equal((await ask(other, 'GET /projects/place%2Fin%2Fdeep/audit_events')).status, 200)
  assert.equal((await ask(owner, 'GET /projects/elsewhere%2Flib/audit_events')).status, 404)
  assert.equal((await ask(owner, 'GET /audit_events')).status, 403)
  assert.equal((await ask(app.anonymous, 'GET /audit_events')).status, 401)
  assert.equal((await ask(app.anonymous, 'GET /projects/place%2Fin%2Fdeep/audit_events')).status, 404)
  const reader = await app.withScopes(owner, 'read_api')
  assert.equal((await ask(reader, 'GET /groups/place/audit_events')).status, 200)
})

async function groupId(path: string): Promise<number> {
  return (await ask(app.root, `GET /groups/${path}`)).body.id
}

test('administrators filter everything there is', async () => {
  await app.project('sieve/lib')
  const bob = await app.user('bob')
  await app.member(bob, 'sieve/lib', 30)
  const start = app.clock.now()
  app.clock.advance(60_000)
  await publish(bob, 'sieve%2Flib', 'sieved/1/f')
  await publish(app.root, 'sieve%2Flib', 'sieved/2/f')
  const found = async (query: string) => {
    const { body } = await ask(app.root, `GET /audit_events?${query}`)
    return body.map((event: any) => event.details.target_details)
  }
  const both = ['sieved 2', 'sieved 1']
  assert.deepEqual(await found('name=sieved'), both)
  assert.deepEqual(await found('name=sieved&sort=asc'), both.toReversed())
  assert.deepEqual(await found('name=SIEVED'), [])
  assert.deepEqual(await found(`name=sieved&user_id=${bob.id}`), ['sieved 1'])
  assert.deepEqual(await found('name=sieved&actor=root'), ['sieved 2'])
  assert.deepEqual(await found('name=sieved&format=generic&kind=package.published'), both)
  assert.deepEqual(await found('name=sieved&format=npm'), [])
  const moment = new Date(start + 30_000).toISOString()
  assert.deepEqual(await found(`name=sieved&created_after=${moment}`), both)
  assert.deepEqual(await found(`name=sieved&created_before=${moment}`), [])
  const [event] = (await ask(app.root, 'GET /audit_events?name=sieved')).body
  assert.deepEqual(await found(`request_id=${event.details.request_id}`), ['sieved 2'])
  for (const wrong of ['created_after=soon', 'sort=up', 'user_id=x', 'cursor=x&pagination=keyset']) {
    const { status, body } = await ask(app.root, `GET /audit_events?${wrong}`)
    assert.deepEqual([status, typeof body.error], [400, 'string'], wrong)
  }
})

test('long lists are read by keyset: every event once, whatever happens meanwhile', async () => {
  await app.project('long/lib')
  for (const version of [1, 2, 3, 4, 5]) await publish(app.root, 'long%2Flib', `long/${version}/f`)
  const versions: string[] = []
  let next: string | undefined = '/projects/long%2Flib/audit_events?pagination=keyset&per_page=2&name=long'
  let pages = 0
  while (next) {
    const { body, headers } = await ask(app.root, `GET ${next}`)
    versions.push(...body.map((event: any) => event.details.package_version))
    assert.equal(headers.get('x-total'), null)
    if (pages++ === 0) await publish(app.root, 'long%2Flib', 'long/6/f')
    const link: string | undefined = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
    next = link?.slice(`${app.url}/api/v4`.length)
  }
  assert.deepEqual(versions, ['5', '4', '3', '2', '1'])
  assert.equal(pages, 3)
  const far = await ask(app.root, 'GET /audit_events?page=1000&per_page=100')
  assert.equal(far.status, 400)
  assert.match(far.body.error, /keyset/)
})
