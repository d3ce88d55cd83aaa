import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { letFill } from '../../test/filling-format.ts'

let app: TestApp
let maintainer: Actor
let owner: Actor
before(async () => {
  app = await createTestApp()
  letFill(app, 'generic')
  await app.project('team/lib')
  maintainer = await app.user('maintainer')
  owner = await app.user('owner')
  await app.member(maintainer, 'team', 40)
  await app.member(owner, 'team', 50)
})
after(() => app.close())

const format = 'generic'
const url = 'https://upstream.example/all'
const places = [
  { at: '/projects/team%2Flib/-/upstreams', who: () => maintainer, events: '/projects/team%2Flib' },
  { at: '/groups/team/-/upstreams', who: () => owner, events: '/groups/team' },
  { at: '/upstreams', who: () => app.root, events: '' },
]
const words = (body: any) => String(body.error ?? body.message)
const names = async (at: string) =>
  (await ask(app.root, `GET ${at}?format=${format}`)).body.map((one: any) => one.name)
const clear = async (at: string) => {
  for (const { id } of (await ask(app.root, `GET ${at}`)).body) await ask(app.root, `DELETE ${at}/${id}`)
}

for (const { at, who, events } of places) {
  test(`an upstream is made, seen, changed and removed at ${at}; its password is shown to nobody`, async () => {
    const wish = {
      format,
      url: `${url}/`,
      username: 'bot',
      password: 'hunter2',
      include: ['Acme-*', 'acme-*'],
    }
    const made = await ask(who(), `POST ${at}`, wish)
    assert.equal(made.status, 201, words(made.body))
    const { id, created_at, updated_at, group_id, project_id, ...told } = made.body
    assert.deepEqual(told, {
      format,
      name: 'upstream.example',
      url,
      position: 1,
      username: 'bot',
      credential_set: true,
      ttl: 600,
      include: ['acme-*'],
      exclude: [],
      keep_days_unused: null,
      max_bytes: null,
      anonymous_fill: false,
      offline: false,
      mixes: false,
      source: 'hand',
    })
    assert.equal(created_at, updated_at)
    assert.deepEqual(
      [group_id !== undefined, project_id !== undefined],
      [at.startsWith('/groups'), at.startsWith('/projects')],
    )
    assert.deepEqual((await ask(who(), `GET ${at}/${id}`)).body, made.body)
    assert.deepEqual((await ask(who(), `GET ${at}`)).body, [made.body])
    assert.deepEqual((await ask(who(), `GET ${at}?format=npm`)).body, [])
    const change = { ttl: 0, name: 'mirror', offline: true, max_bytes: 10_000_000_000, keep_days_unused: 90 }
    const changed = await ask(who(), `PATCH ${at}/${id}`, { ...change, exclude: ['X'] })
    const { updated_at: later, ...now } = changed.body
    const { updated_at: _, ...first } = made.body
    assert.deepEqual(now, { ...first, ...change, exclude: ['x'] })
    assert.ok(later >= updated_at)
    assert.equal((await ask(who(), `DELETE ${at}/${id}`)).status, 204)
    for (const line of [`GET ${at}/${id}`, `DELETE ${at}/${id}`, `PATCH ${at}/${id}`])
      assert.equal((await ask(who(), line, line.startsWith('PATCH') ? {} : undefined)).status, 404)
    const audit = (await ask(app.root, `GET ${events}/audit_events?per_page=3`)).body
    assert.deepEqual(
      audit.map((event: any) => [event.event_name, event.details.target_id, event.details.package_type]),
      ['upstream.removed', 'upstream.changed', 'upstream.created'].map((kind) => [kind, id, format]),
    )
    assert.ok(!JSON.stringify([made, changed, audit]).includes('hunter2'))
  })
}

test('a password is sealed where it is kept', async () => {
  const at = '/groups/team/-/upstreams'
  const { id } = (await ask(owner, `POST ${at}`, { format, url, token: 'hunter2' })).body
  const { database } = app.core
  const row = await database.read
    .selectFrom('upstreams')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  assert.match(row.credential!, /^s1\./)
  assert.equal(row.username, null)
  await clear(at)
})

test('owners manage those of a group, maintainers those of a project, administrators those of the instance', async () => {
  const developer = await app.user('developer')
  await app.member(developer, 'team', 30)
  const wish = { format, url }
  for (const [who, line, status] of [
    [developer, 'GET /groups/team/-/upstreams', 403],
    [developer, 'GET /projects/team%2Flib/-/upstreams', 403],
    [maintainer, 'GET /groups/team/-/upstreams', 200],
    [maintainer, 'POST /groups/team/-/upstreams', 403],
    [maintainer, 'PUT /groups/team/-/upstreams/inheritance', 403],
    [owner, 'GET /upstreams', 403],
    [owner, 'POST /upstreams', 403],
    [app.anonymous, 'GET /upstreams', 401],
    [await app.user('stranger'), 'GET /groups/team/-/upstreams', 404],
  ] as const) {
    const body = line.startsWith('GET')
      ? undefined
      : line.endsWith('inheritance')
        ? { format, inherit: false }
        : wish
    assert.equal((await ask(who, line, body)).status, status, `${who.username} ${line}`)
  }
  const { id } = (await ask(owner, 'POST /groups/team/-/upstreams', wish)).body
  for (const at of ['/projects/team%2Flib/-/upstreams', '/upstreams']) {
    assert.equal((await ask(app.root, `GET ${at}/${id}`)).status, 404, 'a number leads to no other place')
    assert.equal((await ask(app.root, `POST ${at}/${id}/test`, {})).status, 404)
  }
  await clear('/groups/team/-/upstreams')
})

test('they are asked in the order of their positions, which can be changed', async () => {
  const at = '/groups/team/-/upstreams'
  const add = async (name: string, more = {}) =>
    (await ask(owner, `POST ${at}`, { format, name, url: `https://${name}.example`, ...more })).body
  const a = await add('a')
  await add('b')
  const c = await add('c', { position: 1 })
  assert.deepEqual([a.position, c.position, await names(at)], [1, 1, ['c', 'a', 'b']])
  assert.equal((await ask(owner, `PATCH ${at}/${c.id}`, { position: 2 })).body.position, 2)
  assert.deepEqual(await names(at), ['a', 'c', 'b'])
  assert.equal((await ask(owner, `PATCH ${at}/${a.id}`, { position: 99 })).body.position, 3)
  assert.deepEqual(await names(at), ['c', 'b', 'a'])
  await ask(owner, `DELETE ${at}/${c.id}`)
  const left = (await ask(owner, `GET ${at}`)).body
  assert.deepEqual(
    left.map((one: any) => [one.name, one.position]),
    [
      ['b', 1],
      ['a', 2],
    ],
  )
  await clear(at)
})

test('another address is another upstream, and a credential never goes to another server', async () => {
  const at = '/groups/team/-/upstreams'
  const first = (await ask(owner, `POST ${at}`, { format, url, username: 'bot', password: 'hunter2' })).body
  await ask(owner, `POST ${at}`, { format, url: 'https://second.example' })
  const same = (await ask(owner, `PATCH ${at}/${first.id}`, { url: `${url}/` })).body
  assert.equal(same.id, first.id, 'a slash at the end is no other address')
  const moved = (await ask(owner, `PATCH ${at}/${first.id}`, { url: 'https://upstream.example/other' })).body
  assert.notEqual(moved.id, first.id)
  assert.deepEqual([moved.position, moved.username, moved.credential_set], [1, 'bot', true])
  assert.equal((await ask(owner, `GET ${at}/${first.id}`)).status, 404)
  const away = (await ask(owner, `PATCH ${at}/${moved.id}`, { url: 'https://elsewhere.example' })).body
  assert.deepEqual(
    [away.position, away.name, away.username, away.credential_set],
    [1, 'elsewhere.example', null, false],
  )
  const anew = { url: 'https://third.example', token: 'given-anew' }
  assert.equal((await ask(owner, `PATCH ${at}/${away.id}`, anew)).body.credential_set, true)
  const plain = (await ask(owner, `GET ${at}`)).body[0]
  const http = await ask(owner, `PATCH ${at}/${plain.id}`, { url: 'http://third.example' })
  assert.equal(http.body.credential_set, false, 'nor over a connection that others read')
  const dropped = { url: 'https://third.example', token: 'again' }
  const { id } = (await ask(owner, `PATCH ${at}/${http.body.id}`, dropped)).body
  assert.equal((await ask(owner, `PATCH ${at}/${id}`, { token: null })).body.credential_set, false)
  await clear(at)
})

test('a group says whether it asks those above it', async () => {
  const at = '/groups/team/-/upstreams/inheritance'
  assert.deepEqual((await ask(maintainer, `GET ${at}?format=${format}`)).body, { format, inherit: true })
  for (const inherit of [false, false, true]) {
    assert.deepEqual((await ask(owner, `PUT ${at}`, { format, inherit })).body, { format, inherit })
    assert.deepEqual((await ask(owner, `GET ${at}?format=${format}`)).body, { format, inherit })
  }
  assert.equal((await ask(owner, `PUT ${at}`, { format: 'unheard', inherit: true })).status, 400)
})

test('what cannot work is refused', async () => {
  const at = '/groups/team/-/upstreams'
  await ask(owner, `POST ${at}`, { format, url: 'https://taken.example' })
  const refused = [
    [{ format }, /url is missing/],
    [{ url }, /format is missing/],
    [{ format: 'unheard', url }, /has no upstreams; those that have: .*generic/],
    [{ format, url: 'ftp://upstream.example' }, /http or https/],
    [{ format, url: 'https://bot:hunter2@upstream.example' }, /http or https URL without password/],
    [{ format, url: 'https://upstream.example?a=b' }, /without password, query/],
    [{ format, url: `${app.url}/api/v4/groups/team` }, /must not be an address of this server/],
    [{ format, url, username: 'bot' }, /username and password together/],
    [{ format, url, password: 'x' }, /username and password together/],
    [{ format, url, username: 'b', password: 'x', token: 'y' }, /or token alone/],
    [{ format, url, username: 'b:c', password: 'x' }, /must not hold ":"/],
    [{ format, url, token: 'a b' }, /token must be/],
    [{ format, url, token: 'a\r\nx-evil: 1' }, /token must be/],
    [{ format, url, ttl: 2_592_001 }, /ttl is invalid/],
    [{ format, url, ttl: -1 }, /ttl is invalid/],
    [{ format, url, keep_days_unused: 0 }, /keep_days_unused is invalid/],
    [{ format, url, max_bytes: 0 }, /max_bytes is invalid/],
    [{ format, url, include: Array.from({ length: 101 }, (_, n) => `a${n}`) }, /include is invalid/],
    [{ format, url, exclude: ['x'.repeat(256)] }, /exclude is too long/],
    [{ format, url, name: 'a\u202eb' }, /name is invalid/],
  ] as const
  for (const [body, expected] of refused) {
    const answer = await ask(owner, `POST ${at}`, body)
    assert.equal(answer.status, 400, JSON.stringify(body))
    assert.match(words(answer.body), expected)
    assert.ok(!words(answer.body).includes('hunter2'))
  }
  const twin = await ask(owner, `POST ${at}`, { format, url: 'https://taken.example/' })
  assert.deepEqual(
    [twin.status, words(twin.body)],
    [409, 'https://taken.example is an upstream here already'],
  )
  for (let n = 1; n < 20; n++) await ask(owner, `POST ${at}`, { format, url: `https://${n}.example` })
  const last = await ask(owner, `POST ${at}`, { format, url })
  assert.deepEqual([last.status, words(last.body)], [400, 'there are at most 20 upstreams of a format'])
  await clear(at)
})

test('the upstreams of the configuration file are shown, and changed by it alone', async () => {
  const { database } = app.core
  const { id } = (await ask(app.root, 'POST /upstreams', { format, url })).body
  await database.write((db) =>
    db.updateTable('upstreams').set({ source: 'configuration' }).where('id', '=', id).execute(),
  )
  assert.equal((await ask(app.root, `GET /upstreams/${id}`)).body.source, 'configuration')
  for (const [line, body] of [
    [`PATCH /upstreams/${id}`, { offline: true }],
    [`DELETE /upstreams/${id}`, undefined],
  ] as const) {
    const { status, body: answer } = await ask(app.root, line, body)
    assert.equal(status, 409)
    assert.match(answer.message, /configuration file/)
  }
  const second = (await ask(app.root, 'POST /upstreams', { format, url: 'https://b.example', position: 1 }))
    .body
  assert.equal(second.position, 2, 'they stand before all others')
  await ask(app.root, `DELETE /upstreams/${second.id}`)
})
