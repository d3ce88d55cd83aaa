import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { sampleBody } from '../formats/npm/samples.ts'

let app: TestApp
let owner: Actor
const ids: Record<string, number> = {}

before(async () => {
  app = await createTestApp()
  for (const path of ['acme/one', 'acme/sub/two', 'acme/sub/three', 'other/four'])
    ids[path.split('/').at(-1)!] = (await app.project(path)).id
  owner = await app.user('olga')
  await app.member(owner, 'acme', 50)
})
after(() => app.close())

async function publish(project: string, name: string, version = '1.0.0'): Promise<number> {
  const body = JSON.stringify(sampleBody({ name, version, content: `of ${project}` }))
  const path = `/api/v4/projects/${ids[project]}/packages/npm/${name.replace('/', '%2f')}`
  return (await app.root.put(path, body)).status
}

async function packument(level: string, name: string, actor = owner) {
  const reply = await actor.get(`/api/v4/${level}/packages/npm/${name.replace('/', '%2f')}`)
  return { status: reply.status, body: (await reply.json()) as any, etag: reply.headers.get('etag') }
}

async function tarball(level: string, name: string, version: string, actor = owner): Promise<number> {
  const base = name.split('/').at(-1)
  const reply = await actor.get(`/api/v4/${level}/packages/npm/${name}/-/${base}-${version}.tgz`)
  await reply.arrayBuffer()
  return reply.status
}

/** Names and newest versions that npm's search finds. */
async function searched(level: string, text: string, actor = owner): Promise<string[]> {
  const { objects, total } = await actor.json('GET', `/api/v4/${level}/packages/npm/-/v1/search?text=${text}`)
  assert.equal(total, objects.length)
  return objects.map((one: any) => `${one.package.name} ${one.package.version}`)
}

const names = async (query: string, actor = owner) =>
  (await ask(actor, `GET /groups/acme/names?${query}`)).body.map((one: any) => [
    one.name,
    one.project_path,
    one.shadowed,
    one.owner?.project_path,
  ])

test('names are listed with who owns them, as far as the caller may read', async () => {
  for (const project of ['one', 'two']) await publish(project, 'listed')
  await publish('two', 'alone')
  await publish('four', 'listed')
  const [one, two] = ['acme/one', 'acme/sub/two']
  const alone = ['alone', two, false, two]
  assert.deepEqual(await names('format=npm'), [
    alone,
    ['listed', one, false, one],
    ['listed', two, true, one],
  ])
  assert.deepEqual(await names('shadowed=true'), [['listed', two, true, one]])
  assert.deepEqual(await names('shadowed=false&search=LIST'), [['listed', one, false, one]])
  const reader = await app.user('rita')
  await app.member(reader, two, 20)
  assert.deepEqual(await names('', reader), [alone, ['listed', two, true, undefined]])
  assert.equal((await ask(reader, 'GET /groups/acme/names')).headers.get('x-total'), '2')
  const subgroup = await ask(owner, 'GET /groups/acme%2Fsub/names?search=listed')
  assert.deepEqual(
    subgroup.body.map((row: any) => row.shadowed),
    [false],
  )
  assert.equal((await ask(await app.user('sam'), 'GET /groups/acme/names')).status, 404)
  assert.equal((await ask(owner, 'GET /groups/acme/names?format=nothing')).status, 400)
})

test('a moved name is answered by its new owner at once, in the group and below it', async () => {
  for (const project of ['one', 'two']) await publish(project, '@acme/moved')
  await publish('one', '@acme/moved', '2.0.0')
  const earlier = await packument('groups/acme/-', '@acme/moved')
  assert.deepEqual(Object.keys(earlier.body.versions), ['1.0.0', '2.0.0'])
  const moved = await ask(owner, 'POST /groups/acme/names/move', {
    format: 'npm',
    name: '@acme/moved',
    project_id: ids.two,
  })
  assert.deepEqual(moved.body, { format: 'npm', name: '@acme/moved', owner: { project_id: ids.two } })
  // The last one is the instance.
  for (const level of ['groups/acme/-', 'groups/acme%2Fsub/-', '.']) {
    const now = await packument(level, '@acme/moved')
    assert.deepEqual(Object.keys(now.body.versions), ['1.0.0'], level)
    assert.deepEqual(await searched(level, 'moved'), ['@acme/moved 1.0.0'], level)
  }
  assert.equal(await tarball('groups/acme/-', '@acme/moved', '2.0.0'), 404)
  assert.equal(await tarball('groups/acme/-', '@acme/moved', '1.0.0'), 200)
  assert.deepEqual(await names('search=moved&shadowed=true'), [
    ['@acme/moved', 'acme/one', true, 'acme/sub/two'],
  ])
  const back = { format: 'npm', name: '@acme/moved', project_id: ids.one }
  assert.equal((await ask(owner, 'POST /groups/acme/names/move', back)).status, 200)
  assert.equal((await packument('groups/acme/-', '@acme/moved')).body._rev === earlier.body._rev, false)
})

test('only owners of the group move names, and only to projects below that have them', async () => {
  await publish('one', 'stays')
  const move = (actor: Actor, project: string, name = 'stays', format = 'npm') =>
    ask(actor, 'POST /groups/acme/names/move', { format, name, project_id: ids[project] })
  const maintainer = await app.user('mia')
  await app.member(maintainer, 'acme', 40)
  assert.equal((await move(maintainer, 'one')).status, 403)
  assert.equal((await move(await app.user('sam'), 'one')).status, 404)
  assert.equal((await move(owner, 'two')).status, 404)
  await publish('four', 'stays')
  assert.equal((await move(owner, 'four')).status, 404)
  assert.equal((await move(owner, 'one', 'No Name')).status, 400)
  assert.equal((await move(owner, 'one', 'stays', 'nothing')).status, 400)
})

test('mixed projects answer in their order per version, with the tags of the owner', async () => {
  await publish('one', 'mixed', '1.0.0')
  await publish('two', 'mixed', '1.0.0')
  await publish('two', 'mixed', '2.0.0')
  await publish('three', 'mixed', '3.0.0')
  const earlier = await packument('groups/acme/-', 'mixed')
  assert.deepEqual(Object.keys(earlier.body.versions), ['1.0.0'])
  const rule = { format: 'npm', pattern: 'mix*', project_ids: [ids.two, ids.one] }
  const made = await ask(owner, 'POST /groups/acme/mixing', rule)
  assert.deepEqual((await ask(owner, 'GET /groups/acme/mixing')).body, [made.body])
  const both = await packument('groups/acme/-', 'mixed')
  const ofTwo = await packument(`projects/${ids.two}`, 'mixed')
  assert.deepEqual(Object.keys(both.body.versions), ['1.0.0', '2.0.0'])
  assert.equal(both.body.versions['1.0.0'].dist.shasum, ofTwo.body.versions['1.0.0'].dist.shasum)
  assert.deepEqual(both.body['dist-tags'], { latest: '1.0.0' })
  assert.equal(await tarball('groups/acme/-', 'mixed', '2.0.0'), 200)
  assert.equal(await tarball('groups/acme/-', 'mixed', '3.0.0'), 404)
  await publish('two', 'mixed', '2.1.0')
  assert.deepEqual(Object.keys((await packument('groups/acme/-', 'mixed')).body.versions), [
    '1.0.0',
    '2.0.0',
    '2.1.0',
  ])
  assert.deepEqual(await searched('groups/acme/-', 'mixed'), ['mixed 1.0.0'])
  assert.equal((await ask(owner, `DELETE /groups/acme/mixing/${made.body.id}`)).status, 204)
  assert.deepEqual(Object.keys((await packument('groups/acme/-', 'mixed')).body.versions), ['1.0.0'])
  assert.equal(await tarball('groups/acme/-', 'mixed', '2.0.0'), 404)
})

test('of a mixed name nobody sees what it may not read, nor a version of another project instead', async () => {
  await publish('one', 'partly', '1.0.0')
  await publish('two', 'partly', '1.0.0')
  await publish('two', 'partly', '2.0.0')
  const rule = { format: 'npm', pattern: 'partly', project_ids: [ids.two, ids.one] }
  const { body: made } = await ask(owner, 'POST /groups/acme/mixing', rule)
  const [first, second] = [await app.user('first'), await app.user('second')]
  await app.member(first, 'acme/one', 20)
  await app.member(second, 'acme/sub/two', 20)
  // The first sees the owner's project, but 1.0.0 is answered by the other one.
  assert.deepEqual(Object.keys((await packument('groups/acme/-', 'partly', first)).body.versions ?? {}), [])
  assert.equal(await tarball('groups/acme/-', 'partly', '1.0.0', first), 404)
  assert.equal((await packument('groups/acme/-', 'partly', second)).status, 404)
  assert.deepEqual(await searched('groups/acme/-', 'partly', second), [])
  assert.equal(await tarball('groups/acme/-', 'partly', '2.0.0', second), 404)
  assert.equal(await tarball('groups/acme/-', 'partly', '2.0.0'), 200)
  // What a project removed does not come from the next one.
  const [pkg] = (
    await ask(owner, `GET /projects/${ids.two}/packages?package_name=partly&package_version=1.0.0`)
  ).body
  assert.equal((await ask(owner, `DELETE /projects/${ids.two}/packages/${pkg.id}`)).status, 204)
  assert.deepEqual(Object.keys((await packument('groups/acme/-', 'partly')).body.versions), ['2.0.0'])
  await ask(owner, `DELETE /groups/acme/mixing/${made.id}`)
})

test('a reserved name is published first only by the project that the reservation says', async () => {
  await publish('two', '@kept/old')
  const wish = { format: 'npm', pattern: '@kept/*', project_id: ids.one }
  const made = await ask(owner, 'POST /groups/acme/name_reservations', wish)
  assert.deepEqual((await ask(owner, 'GET /groups/acme/name_reservations')).body, [made.body])
  const dotted = await ask(owner, 'POST /groups/acme/name_reservations', {
    format: 'maven',
    pattern: 'com.acme.*',
  })
  assert.equal(dotted.body.pattern, 'com/acme/*')
  assert.equal((await ask(owner, `DELETE /groups/acme/name_reservations/${dotted.body.id}`)).status, 204)
  assert.equal(await publish('two', '@kept/new'), 403)
  assert.equal(await publish('one', '@kept/new'), 201)
  assert.equal(await publish('two', '@kept/new'), 403)
  assert.equal(await publish('two', '@kept/old', '2.0.0'), 201, 'what it published before')
  assert.equal(await publish('four', '@kept/new'), 201, 'of another top-level group')
  const again = await ask(owner, 'POST /groups/acme/name_reservations', wish)
  assert.deepEqual([again.status, again.body.message], [409, 'pattern has already been taken'])
  const below = await ask(owner, 'POST /groups/acme%2Fsub/name_reservations', wish)
  assert.equal(below.status, 400)
  const foreign = { ...wish, pattern: 'x*', project_id: ids.four }
  assert.equal((await ask(owner, 'POST /groups/acme/name_reservations', foreign)).status, 404)
  assert.equal((await ask(owner, `DELETE /groups/acme/name_reservations/${made.body.id}`)).status, 204)
  assert.equal((await ask(owner, `DELETE /groups/acme/name_reservations/${made.body.id}`)).status, 404)
  assert.equal(await publish('two', '@kept/new'), 201)
})

test('patterns are for owners, and each change is an event on the group', async () => {
  const maintainer = await app.user('mia')
  for (const route of ['mixing', 'name_reservations']) {
    const body = { format: 'npm', pattern: 'p*', project_ids: [ids.one] }
    assert.equal((await ask(maintainer, `POST /groups/acme/${route}`, body)).status, 403)
    assert.equal((await ask(maintainer, `GET /groups/acme/${route}`)).status, 200)
    assert.equal((await ask(await app.user('sam'), `GET /groups/acme/${route}`)).status, 404)
  }
  const form = `format=npm&pattern=form-*&project_ids[]=${ids.two}&project_ids[]=${ids.one}`
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const { body: mixed } = await ask(owner, 'POST /groups/acme/mixing', form, type)
  assert.deepEqual(mixed.project_ids, [ids.two, ids.one])
  const twice = { format: 'npm', pattern: 'p*', project_ids: [ids.one, ids.one] }
  assert.equal((await ask(owner, 'POST /groups/acme/mixing', twice)).status, 400)
  const { id } = await app.group('acme')
  const events = await app.core.database.read
    .selectFrom('events')
    .select('kind')
    .distinct()
    .where('group_id', '=', id)
    .where('kind', 'like', 'name.%')
    .orderBy('kind')
    .execute()
  const kinds = ['name.mixed', 'name.moved', 'name.released', 'name.reserved', 'name.unmixed']
  assert.deepEqual(
    events.map((event) => event.kind),
    kinds,
  )
})
