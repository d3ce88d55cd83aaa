/** A group may hold more projects, and a project more names, than a statement has parameters or a page has rows. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { insertPackages, insertProjects } from '../../src/core/records/many-names.testing.ts'
import { createTestApp, type Actor, type TestApp } from '../app.ts'

const projects = 33_000
const packages = 12_000

describe('a group of very many projects', () => {
  let app: TestApp
  let reader: Actor
  let groupId = 0

  before(async () => {
    app = await createTestApp()
    const group = await app.group('many')
    groupId = group.id
    const ids = await insertProjects(app.core.database, group, projects)
    // The first projects published last.
    const rows = Array.from({ length: packages }, (_, index) => ({
      projectId: ids[(index * 7) % projects]!,
      name: `name-${String(packages - index).padStart(5, '0')}`,
      format: 'generic',
      version: '1.0',
      createdAt: 1_000_000 - Math.floor(index / 2),
    }))
    await insertPackages(app.core.database, rows)
    reader = await app.user('reader')
    await app.member(reader, 'many', 20)
  })
  after(() => app.close())

  const list = async (actor: Actor, query: string) => {
    const reply = await actor.get(`/api/v4/groups/${groupId}/packages?${query}`)
    assert.equal(reply.status, 200, query)
    const items = (await reply.json()) as { id: number; name: string; created_at: string }[]
    return { items, total: reply.headers.get('x-total'), next: reply.headers.get('x-next-page') }
  }

  it('lists its packages in every order, and tells no total beyond ten thousand', async () => {
    for (const actor of [app.root, reader]) {
      const first = await list(actor, 'per_page=3')
      assert.deepEqual(
        first.items.map((item) => item.name),
        ['name-00002', 'name-00001', 'name-00004'],
      )
      assert.equal(first.total, null)
      assert.equal(first.next, '2')
      const last = await list(actor, 'per_page=2&sort=desc')
      assert.deepEqual(
        last.items.map((item) => item.name),
        ['name-11999', 'name-12000'],
      )
      const byName = await list(actor, 'per_page=2&order_by=name&page=3')
      assert.deepEqual(
        byName.items.map((item) => item.name),
        ['name-00005', 'name-00006'],
      )
    }
  })

  it('goes through all of them by keyset, and far by page', async () => {
    let path: string | undefined =
      `/api/v4/groups/${groupId}/packages?pagination=keyset&order_by=id&per_page=100`
    const seen = new Set<number>()
    for (let page = 0; page < 5 && path; page++) {
      const reply: Response = await reader.get(path)
      for (const item of (await reply.json()) as { id: number }[]) seen.add(item.id)
      path = /<([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1]
    }
    assert.equal(seen.size, 500)
    const far = await list(reader, 'per_page=100&page=120')
    assert.equal(far.items.length, 100)
    assert.equal(far.next, '')
  })

  it('finds packages and names by part of the name', async () => {
    const found = await list(reader, 'package_name=ME-0123')
    assert.equal(found.total, '10')
    assert.ok(found.items.every((item) => item.name.startsWith('name-0123')))
    assert.equal((await list(reader, 'package_name=name')).items.length, 20)
    const names = await reader.json('GET', `/api/v4/groups/${groupId}/names?search=-11999`)
    assert.deepEqual(
      names.map((name: { name: string }) => name.name),
      ['name-11999'],
    )
    assert.equal((await reader.json('GET', `/api/v4/groups/${groupId}/names?shadowed=false`)).length, 20)
  })

  it('shows nothing of them to others', async () => {
    const stranger = await app.user('stranger')
    assert.equal((await stranger.get(`/api/v4/groups/${groupId}/packages`)).status, 404)
    assert.equal((await stranger.get(`/api/v4/groups/${groupId}/names`)).status, 404)
  })
})
