import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { letFill } from '../../test/filling-format.ts'
import { keepFiles } from '../core/upstream/kept/keep.testing.ts'

let app: TestApp
let maintainer: Actor
before(async () => {
  app = await createTestApp()
  letFill(app, 'generic')
  await app.project('team/lib')
  maintainer = await app.user('maintainer')
  await app.member(maintainer, 'team', 40)
})
after(() => app.close())

const places = ['/groups/team/-/upstreams', '/projects/team%2Flib/-/upstreams', '/upstreams']
for (const at of places) {
  test(`${at} shows what is kept by name, part of the name and page`, async () => {
    const wish = { format: 'generic', url: 'https://mirror.example', exclude: ['left-out'] }
    const { id } = (await ask(app.root, `POST ${at}`, wish)).body
    const elsewhere = (await ask(app.root, `POST ${at}`, { ...wish, url: 'https://other.example' })).body
    const usedAt = Date.parse('2026-01-02T03:04:05Z')
    await keepFiles(app.core.database, [
      { upstreamId: id, name: 'left-pad', version: '1', size: 5 },
      { upstreamId: id, name: 'left-pad', version: '2', size: 7, usedAt },
      { upstreamId: id, name: 'left-out', usedAt },
      { upstreamId: id, name: 'right', usedAt },
      { upstreamId: elsewhere.id, name: 'left-elsewhere', usedAt },
    ])
    const kept = (query = '') => ask(app.root, `GET ${at}/${id}/kept${query}`)
    const names = async (query?: string) => (await kept(query)).body.map(({ name }: any) => name)
    assert.deepEqual(await names(), ['left-out', 'left-pad', 'right'])
    assert.deepEqual(await names('?search=LEFT'), ['left-out', 'left-pad'])
    assert.deepEqual(await names('?search=nothing'), [])
    assert.deepEqual(await names('?per_page=2&page=2'), ['right'])
    assert.equal((await kept('?per_page=2')).headers.get('x-total'), '3')
    const [out, pad] = (await kept('?search=left')).body
    const last = { last_used_at: '2026-01-02T03:04:05.000Z' }
    assert.deepEqual(pad, { name: 'left-pad', files: 2, size: 12, ...last, served: true })
    assert.equal(out.served, false, 'its patterns leave it out by now')
    await ask(app.root, `DELETE ${at}/${id}`)
    assert.equal((await kept()).status, 404)
    await ask(app.root, `DELETE ${at}/${elsewhere.id}`)
  })
}

test('what is owned or reserved there is marked as not served', async () => {
  const at = '/groups/team/-/upstreams'
  const { id } = (await ask(app.root, `POST ${at}`, { format: 'generic', url: 'https://a.example' })).body
  const keep = ['owned', 'reserved', 'free'].map((name) => ({ upstreamId: id, name }))
  await keepFiles(app.core.database, keep)
  const packages = '/api/v4/projects/team%2Flib/packages/generic'
  assert.equal((await app.root.put(`${packages}/Owned/1/file`, 'bytes')).status, 201)
  const wish = { format: 'generic', pattern: 'res*' }
  assert.equal((await ask(app.root, 'POST /groups/team/name_reservations', wish)).status, 201)
  const { body } = await ask(maintainer, `GET ${at}/${id}/kept`)
  assert.deepEqual(
    body.map((one: any) => [one.name, one.served]),
    [
      ['free', true],
      ['owned', false],
      ['reserved', false],
    ],
  )
})

test('it is for those who see settings, and stands in no list of packages', async () => {
  const at = '/groups/team/-/upstreams'
  const [{ id }] = (await ask(app.root, `GET ${at}`)).body
  const developer = await app.user('developer')
  await app.member(developer, 'team', 30)
  assert.equal((await ask(developer, `GET ${at}/${id}/kept`)).status, 403)
  assert.equal((await ask(await app.user('stranger'), `GET ${at}/${id}/kept`)).status, 404)
  assert.equal(
    (await ask(app.root, `GET /upstreams/${id}/kept`)).status,
    404,
    'it is no upstream of the instance',
  )
  const { body } = await ask(app.root, 'GET /groups/team/packages')
  assert.deepEqual(
    body.map(({ name }: any) => name),
    ['Owned'],
  )
})
