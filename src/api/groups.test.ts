import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

test('an administrator makes a group, owns it, and finds it by number and path', async () => {
  const made = await ask(app.root, 'POST /groups', { name: 'Acme', path: 'Acme', description: 'All of us' })
  assert.deepEqual(
    [made.status, made.body.full_path, made.body.visibility, made.body.parent_id],
    [201, 'Acme', 'private', null],
  )
  const sub = await ask(app.root, 'POST /groups', { name: 'Web', path: 'web', parent_id: made.body.id })
  assert.equal(sub.body.full_name, 'Acme / Web')
  for (const id of [sub.body.id, 'acme%2Fweb', 'Acme%2FWEB']) {
    assert.deepEqual((await ask(app.root, `GET /groups/${id}`)).body, sub.body)
  }
  const members = await ask(app.root, `GET /groups/${made.body.id}/members`)
  assert.deepEqual(
    members.body.map((one: any) => [one.username, one.access_level]),
    [['root', 50]],
  )
  assert.deepEqual(
    (await ask(app.root, 'GET /groups/acme/subgroups')).body.map((one: any) => one.path),
    ['web'],
  )
})

test('forms do as well as JSON', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const made = await ask(app.root, 'POST /groups', 'name=From+curl&path=from-curl&visibility=internal', form)
  assert.deepEqual([made.status, made.body.name, made.body.visibility], [201, 'From curl', 'internal'])
})

test('what is wrong with a group is said', async () => {
  await app.group('taken')
  const refusals = [
    [{ path: 'x' }, { error: 'name is missing' }],
    [{ name: '', path: 'x' }, { error: 'name is empty' }],
    [{ name: 'x', path: 'x', visibility: 'secret' }, { error: 'visibility does not have a valid value' }],
    [{ name: 'x', path: 'x', parent_id: 'abc' }, { error: 'parent_id is invalid' }],
    [{ name: 'x', path: 'taken' }, { message: 'path taken has already been taken' }],
    [{ name: 'x', path: 'TAKEN' }, { message: 'path TAKEN has already been taken' }],
    [{ name: 'x', path: 'api' }, { message: 'path api is reserved' }],
  ] as const
  for (const [body, expected] of refusals) {
    const { status, body: answer } = await ask(app.root, 'POST /groups', body)
    assert.deepEqual([status, answer], [400, expected])
  }
  for (const path of ['a/b', '-x', 'x.git', '..', 'ü', 'x'.repeat(300)]) {
    assert.equal((await ask(app.root, 'POST /groups', { name: 'x', path })).status, 400, path)
  }
  assert.equal((await ask(app.root, 'POST /groups', { name: 'a\u202Eb', path: 'bidi' })).status, 400)
})

test('top-level groups are for administrators, subgroups for maintainers', async () => {
  const [alice, bob] = [await app.user('alice'), await app.user('bob')]
  const team = await app.group('team')
  await app.member(alice, 'team', 40)
  await app.member(bob, 'team', 30)
  const wish = { name: 'x', path: 'x' }
  assert.equal((await ask(alice, 'POST /groups', wish)).status, 403)
  assert.equal((await ask(bob, 'POST /groups', { ...wish, parent_id: team.id })).status, 403)
  assert.equal((await ask(alice, 'POST /groups', { ...wish, parent_id: team.id })).status, 201)
  const stranger = await app.user('stranger')
  assert.equal((await ask(stranger, 'POST /groups', { ...wish, parent_id: team.id })).status, 404)
})

test('a group is never more open than the one above, nor less than what stands in it', async () => {
  await app.project('house/room', { visibility: 'internal' })
  const wider = { name: 'x', path: 'x', visibility: 'public', parent_id: (await app.group('house')).id }
  assert.equal((await ask(app.root, 'POST /groups', wider)).status, 400)
  const narrower = await ask(app.root, 'PUT /groups/house', { visibility: 'private' })
  assert.deepEqual(narrower.body, { message: 'visibility private is not allowed: house/room is more open' })
  const changed = await ask(app.root, 'PUT /groups/house', { name: 'The house', visibility: 'public' })
  assert.deepEqual([changed.body.name, changed.body.visibility], ['The house', 'public'])
  const guest = await app.user('guest')
  assert.equal((await ask(guest, 'PUT /groups/house', { name: 'Mine' })).status, 403)
})

test('lists are searched, ordered and paged', async () => {
  for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await app.group(`paged-${name}`)
  const first = await ask(app.root, 'GET /groups?search=PAGED&per_page=2&sort=desc&order_by=path')
  assert.deepEqual(
    first.body.map((one: any) => one.path),
    ['paged-p5', 'paged-p4'],
  )
  const header = (name: string) => first.headers.get(name)
  assert.deepEqual(
    ['x-total', 'x-total-pages', 'x-page', 'x-per-page', 'x-next-page', 'x-prev-page'].map(header),
    ['5', '3', '1', '2', '2', ''],
  )
  const next = /<([^>]+)>; rel="next"/.exec(header('link')!)![1]!
  assert.equal(next, `${app.url}/api/v4/groups?search=PAGED&per_page=2&sort=desc&order_by=path&page=2`)
  const second = await app.root.json('GET', next)
  assert.deepEqual(
    second.map((one: any) => one.path),
    ['paged-p3', 'paged-p2'],
  )
  const last = await ask(app.root, 'GET /groups?search=paged&per_page=2&page=3')
  assert.deepEqual(
    [last.body.length, last.headers.get('x-next-page'), last.headers.get('x-prev-page')],
    [1, '', '2'],
  )
  assert.equal((await ask(app.root, 'GET /groups?search=%25')).body.length, 0)
  assert.equal((await ask(app.root, 'GET /groups?per_page=1000')).headers.get('x-per-page'), '100')
  for (const wrong of ['page=0', 'page=x', 'per_page=-1', 'page=1&page=2', 'order_by=size']) {
    const { status, body } = await ask(app.root, `GET /groups?${wrong}`)
    assert.deepEqual([status, Object.keys(body)], [400, ['error']], wrong)
  }
})

test('who has a project in a private group sees the group above, and nothing beside it', async () => {
  const carol = await app.user('carol')
  await app.project('hall/east/lib')
  await app.project('hall/west/lib')
  await app.member(carol, 'hall/east/lib', 10)
  const groups = await ask(carol, 'GET /groups?search=hall')
  assert.deepEqual(groups.body.map((one: any) => one.full_path).toSorted(), ['hall', 'hall/east'])
  const projects = await ask(carol, 'GET /groups/hall/projects?include_subgroups=true')
  assert.deepEqual(
    projects.body.map((one: any) => one.path_with_namespace),
    ['hall/east/lib'],
  )
  assert.equal(projects.headers.get('x-total'), '1')
  assert.equal((await ask(carol, 'GET /groups/hall%2Fwest')).status, 404)
})
