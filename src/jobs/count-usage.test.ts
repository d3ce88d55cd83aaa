import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

async function size(table: 'projects' | 'groups', id: number): Promise<number> {
  const row = await app.core.database.read
    .selectFrom(table)
    .select('packages_size')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.packages_size
}

test('a total that is wrong is repaired by the next day, for the project and the group above', async () => {
  const [one, other] = [await app.project('acme/one'), await app.project('acme/other')]
  for (const [{ id }, body] of [
    [one, 'twelve bytes'],
    [other, 'six by'],
  ] as const) {
    const reply = await app.root.put(`/api/v4/projects/${id}/packages/generic/tool/1/file`, body)
    assert.equal(reply.status, 201)
  }
  const group = await app.group('acme')
  await app.root.json('PUT', `/api/v4/groups/${group.id}`, { packages_size_limit: 1000 })
  await app.core.database.write(async (db) => {
    await db.updateTable('projects').set({ packages_size: 5 }).where('id', '=', one.id).execute()
    await db.updateTable('groups').set({ packages_size: 900 }).where('id', '=', group.id).execute()
  })
  app.clock.advance(86_400_001)
  await app.app.worker.drain()
  assert.deepEqual([await size('projects', one.id), await size('projects', other.id)], [12, 6])
  assert.equal(await size('groups', group.id), 18)
})
